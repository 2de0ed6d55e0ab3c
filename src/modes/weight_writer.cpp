#include "modes/weight_writer.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "model/check.h"
#include "model/tensor_proto.h"
#include "modes/weight_form.h"

namespace octavo {
namespace {

template <typename T>
std::vector<T> transposed_entries(const std::vector<T>& entries, std::size_t rows) {
  const std::size_t columns = entries.size() / rows;
  std::vector<T> result;
  result.reserve(entries.size());
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < rows; ++row) result.push_back(entries[row * columns + column]);
  }
  return result;
}

}  // namespace

WeightWriter::WeightWriter(const Model& model)
    : source_(model), graph_(model.proto().graph()), names_(model.proto().graph()) {}

StoredCodes WeightWriter::quantized(const PlannedWeight& weight) const {
  const Tensor values = tensor_from_proto(*graph_.initializer(weight.tensor));
  return {quantize(values, weight.params), weight.params};
}

std::string WeightWriter::store(const Tensor& tensor, const std::string& wanted_name) {
  onnx::TensorProto proto = tensor_to_proto(tensor, wanted_name);
  for (const int index : stored_[wanted_name]) {
    const onnx::TensorProto& known = result_.initializer(index);
    const bool same = known.raw_data() == proto.raw_data() &&
                      known.data_type() == proto.data_type() && shape_of(known) == tensor.shape();
    if (same) return known.name();
  }
  proto.set_name(names_.take(wanted_name));
  stored_[wanted_name].push_back(result_.initializer_size());
  return (*result_.add_initializer() = std::move(proto)).name();
}

std::string WeightWriter::store_scale(const QuantParams& params, Shape shape,
                                      const std::string& subject) {
  return store(Tensor::of<float>(std::move(shape), params.scale), subject + "_scale");
}

std::string WeightWriter::store_zero_point(const QuantParams& params, Shape shape,
                                           const std::string& subject) {
  const DTypeTraits& type = traits(params.scheme.dtype);
  Tensor tensor(type.dtype, std::move(shape));
  for (std::size_t i = 0; i < params.zero_point.size(); ++i) {
    type.encode(tensor.mutable_bytes().data(), i, params.zero_point[i]);
  }
  return store(tensor, subject + "_zero_point");
}

onnx::NodeProto& WeightWriter::add_node(std::string_view op_type, std::string_view domain,
                                        const std::string& wanted_name,
                                        const std::vector<std::string>& inputs,
                                        const std::vector<std::string>& outputs) {
  onnx::NodeProto& node = *result_.add_node();
  node.set_op_type(std::string(op_type));
  node.set_domain(std::string(domain));
  uses_microsoft_domain_ |= domain == kMicrosoftDomain;
  // A node that is written anew keeps its name; the pool knows it already.
  const bool is_replacement = graph_.node(wanted_name) != nullptr;
  node.set_name(is_replacement ? wanted_name : names_.take(wanted_name));
  for (const std::string& input : inputs) node.add_input(input);
  for (const std::string& output : outputs) node.add_output(output);
  return node;
}

onnx::NodeProto& WeightWriter::add_copy(const onnx::NodeProto& node) {
  return *result_.add_node() = node;
}

Model WeightWriter::finish() && {
  const onnx::GraphProto& source = source_.proto().graph();
  result_.set_name(source.name());
  result_.set_doc_string(source.doc_string());
  *result_.mutable_input() = source.input();
  *result_.mutable_output() = source.output();
  const Graph after(result_);
  std::vector<const onnx::TensorProto*> kept;
  for (const onnx::TensorProto& tensor : source.initializer()) {
    const std::string& name = tensor.name();
    const bool used = !after.uses(name).empty() || after.used_in_subgraph(name) ||
                      after.is_output(name) || after.is_input(name);
    if (used) kept.push_back(&tensor);
  }
  std::vector<const onnx::ValueInfoProto*> declared;
  for (const onnx::ValueInfoProto& info : source.value_info()) {
    if (after.producer(info.name()) != nullptr) declared.push_back(&info);
  }
  for (const onnx::TensorProto* tensor : kept) *result_.add_initializer() = *tensor;
  for (const onnx::ValueInfoProto* info : declared) *result_.add_value_info() = *info;

  onnx::ModelProto proto;
  const onnx::ModelProto& model = source_.proto();
  proto.set_ir_version(model.ir_version());
  proto.set_producer_name("octavo");
  proto.set_domain(model.domain());
  proto.set_model_version(model.model_version());
  proto.set_doc_string(model.doc_string());
  *proto.mutable_opset_import() = model.opset_import();
  *proto.mutable_metadata_props() = model.metadata_props();
  *proto.mutable_functions() = model.functions();
  *proto.mutable_graph() = std::move(result_);
  const auto& imports = proto.opset_import();
  const bool imported =
      std::any_of(imports.begin(), imports.end(),
                  [](const auto& import) { return import.domain() == kMicrosoftDomain; });
  if (uses_microsoft_domain_ && !imported) {
    onnx::OperatorSetIdProto& import = *proto.add_opset_import();
    import.set_domain(std::string(kMicrosoftDomain));
    import.set_version(1);
  }
  return Model(std::move(proto));
}

StoredCodes transposed(const StoredCodes& stored) {
  const Shape& shape = stored.codes.shape();
  const DTypeTraits& type = traits(stored.codes.dtype());
  const auto rows = static_cast<std::size_t>(shape[0]);
  const auto columns = static_cast<std::size_t>(shape[1]);
  StoredCodes result{Tensor(type.dtype, {shape[1], shape[0]}), stored.params};
  const std::byte* from = stored.codes.bytes().data();
  std::byte* to = result.codes.mutable_bytes().data();
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < rows; ++row) {
      type.encode(to, column * rows + row, type.decode(from, row * columns + column));
    }
  }
  QuantParams& params = result.params;
  if (params.granularity() == Granularity::kPerBlock) {
    const Shape scales = scale_shape(shape, params.axis, params.block_size);
    const auto scale_rows = static_cast<std::size_t>(scales[0]);
    params.scale = transposed_entries(stored.params.scale, scale_rows);
    params.zero_point = transposed_entries(stored.params.zero_point, scale_rows);
  }
  if (params.axis) params.axis = 1 - *params.axis;
  return result;
}

Model write_weights(const Model& model, const WeightPlan& plan) {
  std::unordered_map<std::string_view, std::vector<const PlannedWeight*>> weights;
  for (const PlannedWeight& weight : plan.weights) weights[weight.node].push_back(&weight);
  WeightWriter writer(model);
  for (const onnx::NodeProto& node : model.proto().graph().node()) {
    const auto found = weights.find(node.name());
    if (found == weights.end()) {
      writer.add_copy(node);
      continue;
    }
    weight_form(found->second.front()->form).write(node, found->second, writer);
  }
  Model result = std::move(writer).finish();
  check_model(result, to_string(plan.mode));
  return result;
}

}  // namespace octavo
