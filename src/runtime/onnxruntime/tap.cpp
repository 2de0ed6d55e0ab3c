#include "runtime/onnxruntime/tap.h"

#include <fmt/format.h>

#include "model/graph.h"
#include "octavo/error.h"

namespace octavo {
namespace {

constexpr const char* kDomain = "octavo";
constexpr const char* kOpType = "Tap";
constexpr const char* kIndex = "index";

struct TapKernel {
  TapReceiver* receiver;
  std::size_t index;

  void Compute(OrtKernelContext* raw_context) {  // NOLINT(readability-identifier-naming): ORT's
    const Ort::KernelContext context(raw_context);
    receiver->receive(index, context.GetInput(0));
    const std::int64_t no_elements = 0;
    context.GetOutput(0, &no_elements, 1);
  }
};

void add_tap(onnx::GraphProto& graph, const std::string& tensor, std::size_t index) {
  onnx::NodeProto& tap = *graph.add_node();
  tap.set_domain(kDomain);
  tap.set_op_type(kOpType);
  tap.set_name(fmt::format("octavo.tap.{}", index));
  tap.add_input(tensor);
  tap.add_output(tap.name());
  onnx::AttributeProto& attribute = *tap.add_attribute();
  attribute.set_name(kIndex);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(static_cast<std::int64_t>(index));
  onnx::ValueInfoProto& output = *graph.add_output();
  output.set_name(tap.name());
  onnx::TypeProto::Tensor& type = *output.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::UINT8);
}

}  // namespace

// The names of its member functions are those that Ort::CustomOpBase calls.
// NOLINTBEGIN(readability-identifier-naming,readability-convert-member-functions-to-static)
struct TapDomain::Op : Ort::CustomOpBase<TapDomain::Op, TapKernel> {
  explicit Op(TapReceiver& to) : receiver(&to) {}
  const char* GetName() const { return kOpType; }
  void* CreateKernel(const OrtApi& /*api*/, const OrtKernelInfo* info) const {
    const auto index = Ort::ConstKernelInfo(info).GetAttribute<std::int64_t>(kIndex);
    return std::make_unique<TapKernel>(TapKernel{receiver, static_cast<std::size_t>(index)})
        .release();  // The runtime's until its KernelDestroy.
  }
  std::size_t GetInputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetInputType(std::size_t /*index*/) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;  // Any.
  }
  std::size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(std::size_t /*index*/) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8;
  }

  TapReceiver* receiver;
};
// NOLINTEND(readability-identifier-naming,readability-convert-member-functions-to-static)

void TapReceiver::deliver(const OutputVisitor& visit, const std::function<void()>& run) {
  const auto own = [&] {
    const std::scoped_lock lock(mutex_);
    return running_.insert_or_assign(std::this_thread::get_id(), Delivery{&visit, nullptr}).first;
  }();
  std::exception_ptr failure;
  try {
    run();
    failure = own->second.failure;
  } catch (...) {
    failure = std::current_exception();
  }
  {
    const std::scoped_lock lock(mutex_);
    running_.erase(own);
  }
  if (failure) std::rethrow_exception(failure);
}

void TapReceiver::receive(std::size_t index, Ort::ConstValue value) noexcept {
  Delivery& own = [&]() -> Delivery& {
    const std::scoped_lock lock(mutex_);
    return running_.at(std::this_thread::get_id());
  }();
  if (own.failure) return;
  try {
    (*own.visit)(index, view_of(value));
  } catch (...) {
    own.failure = std::current_exception();
  }
}

TapDomain::TapDomain(TapReceiver& receiver)
    : op_(std::make_unique<Op>(receiver)), domain_(kDomain) {
  domain_.Add(op_.get());
}

TapDomain::~TapDomain() = default;

void TapDomain::add_to(Ort::SessionOptions& options) const { options.Add(domain_); }

onnx::ModelProto tapped(const onnx::ModelProto& model, const std::vector<std::string>& tensors) {
  const Graph graph(model.graph());
  onnx::ModelProto result = model;
  result.mutable_graph()->clear_output();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const bool known = graph.producer(tensors[i]) != nullptr ||
                       graph.value_info(tensors[i]) != nullptr ||
                       graph.initializer(tensors[i]) != nullptr;
    if (!known) {
      throw Error(ErrorCode::kNotFound, fmt::format("no tensor is named '{}'", tensors[i]));
    }
    add_tap(*result.mutable_graph(), tensors[i], i);
  }
  onnx::OperatorSetIdProto& opset = *result.add_opset_import();
  opset.set_domain(kDomain);
  opset.set_version(1);
  return result;
}

TensorView view_of(Ort::ConstValue value) {
  if (!value.IsTensor()) throw Error(ErrorCode::kUnsupported, "a sequence or map, not a tensor");
  const auto info = value.GetTensorTypeAndShapeInfo();
  const DTypeTraits& type = traits(dtype_from_onnx(static_cast<int>(info.GetElementType())));
  const auto* data = static_cast<const std::byte*>(value.GetTensorRawData());
  return {type.dtype, info.GetShape(), {data, type.bytes(info.GetElementCount())}};
}

}  // namespace octavo
