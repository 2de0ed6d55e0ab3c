#include "runtime/onnxruntime/outside_weights.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "model/external_data.h"
#include "model/graph.h"
#include "model/tensor_proto.h"

namespace octavo {
namespace {

bool is_read(const Graph& graph, const std::string& tensor) {
  return !graph.uses(tensor).empty() || graph.used_in_subgraph(tensor) || graph.is_output(tensor);
}

// The runtime wants a location to replace, whatever it says.
void set_some_location(onnx::TensorProto& tensor) {
  tensor.clear_external_data();
  auto& entry = *tensor.add_external_data();
  entry.set_key("location");
  entry.set_value("given.beside.the.model");
}

}  // namespace

OutsideWeights::OutsideWeights(const onnx::ModelProto& model) : source_(model) {
  const Graph graph(model.graph());
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeCPU);
  for (const onnx::TensorProto& tensor : model.graph().initializer()) {
    const auto outside = kept_outside(tensor);
    if (!outside || !is_read(graph, tensor.name())) continue;
    check_data(tensor);
    names_.push_back(tensor.name());
    files_.push_back(std::make_unique<MappedFile>(outside->path, outside->offset, outside->length));
    const std::span<const std::byte> bytes = files_.back()->bytes();
    const Shape shape = shape_of(tensor);
    // The API takes mutable memory, but an initializer is only read.
    values_.push_back(Ort::Value::CreateTensor(
        memory, const_cast<std::byte*>(bytes.data()), bytes.size(), shape.data(), shape.size(),
        static_cast<ONNXTensorElementDataType>(tensor.data_type())));  // the same numbers
  }
}

onnx::ModelProto OutsideWeights::model() const {
  onnx::ModelProto model = source_;
  auto& initializers = *model.mutable_graph()->mutable_initializer();
  const auto is_unread = [&](const onnx::TensorProto& tensor) {
    return tensor.data_location() == onnx::TensorProto::EXTERNAL &&
           std::find(names_.begin(), names_.end(), tensor.name()) == names_.end();
  };
  initializers.erase(std::remove_if(initializers.begin(), initializers.end(), is_unread),
                     initializers.end());
  for (onnx::TensorProto& tensor : initializers) {
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL) set_some_location(tensor);
  }
  return model;
}

void OutsideWeights::add_to(Ort::SessionOptions& options) const {
  if (!names_.empty()) options.AddExternalInitializers(names_, values_);
}

}  // namespace octavo
