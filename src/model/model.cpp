#include "octavo/model.h"

#include <utility>

#include "model/graph.h"
#include "model/value_info.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

Model::Model() : proto_(std::make_unique<onnx::ModelProto>()) {}
Model::Model(onnx::ModelProto&& proto)
    : proto_(std::make_unique<onnx::ModelProto>(std::move(proto))) {}
Model::Model(const Model& other) : proto_(std::make_unique<onnx::ModelProto>(*other.proto_)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(const Model& other) {
  if (this != &other) *proto_ = *other.proto_;
  return *this;
}
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

std::vector<TensorInfo> Model::inputs() const {
  const Graph graph(proto_->graph());
  std::vector<TensorInfo> infos;
  for (const auto& input : proto_->graph().input()) {
    if (!graph.is_initializer(input.name())) infos.push_back(tensor_info(input));
  }
  return infos;
}

std::vector<TensorInfo> Model::outputs() const {
  std::vector<TensorInfo> infos;
  for (const auto& output : proto_->graph().output()) infos.push_back(tensor_info(output));
  return infos;
}

int Model::opset() const {
  for (const auto& import : proto_->opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") {
      return static_cast<int>(import.version());
    }
  }
  return 0;
}

}  // namespace octavo
