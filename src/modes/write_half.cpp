#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "model/attributes.h"
#include "model/check.h"
#include "model/tensor_proto.h"
#include "modes/float_tensors.h"
#include "modes/half_plan.h"
#include "modes/model_writer.h"

namespace octavo {
namespace {

Tensor converted(const Tensor& values, DType dtype) {
  const DTypeTraits& type = traits(dtype);
  Tensor result(dtype, values.shape());
  std::byte* bytes = result.mutable_bytes().data();
  const auto numbers = values.as<float>();
  for (std::size_t i = 0; i < numbers.size(); ++i) type.encode(bytes, i, numbers[i]);
  return result;
}

class HalfWriter {
 public:
  HalfWriter(const Model& model, const HalfPlan& plan)
      : plan_(plan), graph_(model.proto().graph()), floats_(graph_), writer_(model) {
    for (const NodePlacement& node : plan.nodes) {
      if (node.decision == Decision::kQuantized) half_nodes_.insert(node.node);
    }
  }

  Model run() && {
    for (const auto& input : graph_.proto().input()) narrow_if_read(input.name());
    for (const onnx::NodeProto& node : graph_.proto().node()) write(node);
    return std::move(writer_).finish();
  }

 private:
  bool is_half(const onnx::NodeProto& node) const { return half_nodes_.contains(node.name()); }

  // The name of the half-precision tensor beside `tensor`.
  const std::string& half_name(const std::string& tensor) {
    const auto found = half_names_.find(tensor);
    if (found != half_names_.end()) return found->second;
    const std::string suffix = "_" + std::string(traits(plan_.dtype).name);
    return half_names_.emplace(tensor, writer_.new_name(tensor + suffix)).first->second;
  }

  // Does a node read it as half precision, or as float32? A body or the caller reads float32.
  bool is_read(const std::string& tensor, bool as_half) const {
    const auto uses = graph_.uses(tensor);
    if (!as_half && (graph_.is_output(tensor) || graph_.used_in_subgraph(tensor))) return true;
    return std::any_of(uses.begin(), uses.end(), [&](const Use& use) {
      const std::vector<int> halves =
          is_half(*use.node) ? floats_.half_inputs(*use.node) : std::vector<int>();
      return as_half == (std::find(halves.begin(), halves.end(), use.input) != halves.end());
    });
  }

  void cast(const std::string& from, const std::string& to, DType dtype) {
    set_attribute(writer_.add_node("Cast", "", to + "/Cast", {from}, {to}), "to",
                  std::int64_t{to_onnx(dtype)});
  }

  // After whatever makes `tensor` as float32.
  void narrow_if_read(const std::string& tensor) {
    if (!floats_.contains(tensor) || graph_.is_constant(tensor) || !is_read(tensor, true)) return;
    cast(tensor, half_name(tensor), plan_.dtype);
  }

  std::string half_input(const std::string& tensor) {
    if (!graph_.is_constant(tensor)) return half_name(tensor);
    const auto found = half_names_.find(tensor);
    if (found != half_names_.end()) return found->second;
    const Tensor values = tensor_from_proto(*graph_.initializer(tensor));
    const std::string suffix = "_" + std::string(traits(plan_.dtype).name);
    std::string name = writer_.store(converted(values, plan_.dtype), tensor + suffix);
    return half_names_.emplace(tensor, std::move(name)).first->second;
  }

  void write(const onnx::NodeProto& node) {
    onnx::NodeProto& copy = writer_.add_copy(node);
    if (!is_half(node)) {
      for (const std::string& output : node.output()) narrow_if_read(output);
      return;
    }
    for (const int input : floats_.half_inputs(node)) {
      copy.set_input(input, half_input(node.input(input)));
    }
    const std::vector<int> outputs = floats_.half_outputs(node);
    for (const int output : outputs) copy.set_output(output, half_name(node.output(output)));
    for (int i = 0; i < node.output_size(); ++i) {
      const std::string& output = node.output(i);
      if (std::find(outputs.begin(), outputs.end(), i) == outputs.end()) {
        narrow_if_read(output);
      } else if (is_read(output, false)) {
        cast(half_name(output), output, DType::kFloat32);
      }
    }
  }

  const HalfPlan& plan_;
  const Graph graph_;
  const FloatTensors floats_;
  ModelWriter writer_;
  std::unordered_set<std::string> half_nodes_;
  std::unordered_map<std::string, std::string> half_names_;
};

}  // namespace

Model write_half(const Model& model, const HalfPlan& plan) {
  Model result = HalfWriter(model, plan).run();
  check_model(result, to_string(plan.mode));
  return result;
}

}  // namespace octavo
