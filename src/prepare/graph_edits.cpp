#include "prepare/graph_edits.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <unordered_set>
#include <utility>

namespace octavo {
namespace {

// From this IR version on, an initializer need not be a graph input too.
constexpr std::int64_t kIrOfPlainInitializers = 4;

struct IrOfOpset {
  int opset;
  std::int64_t ir;
};
// The IR version that each operator set was released with (ONNX, docs/Versioning.md).
constexpr std::array kIrOfOpsets = {IrOfOpset{13, 7}, IrOfOpset{15, 8}, IrOfOpset{19, 9},
                                    IrOfOpset{21, 10}};

void raise_ir(onnx::ModelProto& proto, std::int64_t version) {
  if (proto.ir_version() < version) proto.set_ir_version(version);
}

template <typename Items, typename Predicate>
void erase_if(Items& items, Predicate predicate) {
  items.erase(std::remove_if(items.begin(), items.end(), predicate), items.end());
}

void drop_stale_value_infos(onnx::GraphProto& graph) {
  if (graph.value_info_size() == 0) return;
  std::unordered_set<std::string> made;
  for (const auto& node : graph.node()) made.insert(node.output().begin(), node.output().end());
  for (const auto& tensor : graph.initializer()) made.insert(tensor.name());
  erase_if(*graph.mutable_value_info(),
           [&](const onnx::ValueInfoProto& info) { return !made.contains(info.name()); });
}

}  // namespace

bool GraphEdits::empty() const {
  return replacements_.empty() && initializers_.empty() && removed_initializers_.empty() &&
         removed_inputs_.empty() && redirections_.empty() && !opset_;
}

void GraphEdits::replace(const onnx::NodeProto& node, std::vector<onnx::NodeProto> by) {
  [[maybe_unused]] const bool is_new = replacements_.emplace(&node, std::move(by)).second;
  assert(is_new);
}

void GraphEdits::set_initializer(onnx::TensorProto tensor) {
  std::string name = tensor.name();
  initializers_[std::move(name)] = std::move(tensor);
}

const std::string& GraphEdits::target(const std::string& name) const {
  const std::string* result = &name;
  for (auto found = redirections_.find(name); found != redirections_.end();
       found = redirections_.find(*result)) {
    result = &found->second;
  }
  return *result;
}

void GraphEdits::apply_nodes(onnx::GraphProto& graph) {
  google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    const auto replaced = replacements_.find(&node);
    if (replaced == replacements_.end()) {
      nodes.Add(std::move(node));
      continue;
    }
    for (onnx::NodeProto& by : replaced->second) nodes.Add(std::move(by));
  }
  graph.mutable_node()->Swap(&nodes);
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    for (std::string& input : *node.mutable_input()) input = std::string(target(input));
  }
}

void GraphEdits::apply_initializers(onnx::GraphProto& graph) {
  // A declared shape may be that of the value before.
  erase_if(*graph.mutable_value_info(),
           [&](const onnx::ValueInfoProto& info) { return initializers_.contains(info.name()); });
  erase_if(*graph.mutable_initializer(), [&](const onnx::TensorProto& tensor) {
    return removed_initializers_.contains(tensor.name());
  });
  for (onnx::TensorProto& tensor : *graph.mutable_initializer()) {
    if (auto changed = initializers_.extract(tensor.name())) tensor = std::move(changed.mapped());
  }
  for (auto& [name, tensor] : initializers_) *graph.add_initializer() = std::move(tensor);
  erase_if(*graph.mutable_input(), [&](const onnx::ValueInfoProto& input) {
    return removed_inputs_.contains(input.name());
  });
}

void GraphEdits::apply_opset(onnx::ModelProto& proto) const {
  if (!opset_) return;
  for (auto& import : *proto.mutable_opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") import.set_version(*opset_);
  }
  for (const IrOfOpset& entry : kIrOfOpsets) {
    if (*opset_ >= entry.opset) raise_ir(proto, entry.ir);
  }
}

void GraphEdits::apply(Model& model) && {
  onnx::ModelProto& proto = model.mutable_proto();
  if (!initializers_.empty() || !removed_inputs_.empty()) raise_ir(proto, kIrOfPlainInitializers);
  onnx::GraphProto& graph = *proto.mutable_graph();
  apply_nodes(graph);
  apply_initializers(graph);
  apply_opset(proto);
  drop_stale_value_infos(graph);
}

}  // namespace octavo
