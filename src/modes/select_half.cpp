#include <fmt/format.h>

#include <cmath>
#include <set>
#include <utility>

#include "calibration/tensor_statistics.h"
#include "model/tensor_proto.h"
#include "modes/float_tensors.h"
#include "modes/half_plan.h"
#include "plan/apply_recipe.h"

namespace octavo {
namespace {

// A number rounded to the type and back.
double rounded(const DTypeTraits& type, double value) {
  std::byte bytes[sizeof(double)] = {};
  type.encode(bytes, 0, value);
  return type.decode(bytes, 0);
}

class HalfSelector {
 public:
  HalfSelector(const Graph& graph, const Profile& profile, const Recipe& recipe,
               const Statistics* statistics)
      : graph_(graph),
        profile_(profile),
        rules_(profile.mode_rules(recipe.mode)),
        statistics_(statistics),
        floats_(graph),
        rules_on_nodes_(placement_options(graph, recipe)) {
    plan_.mode = recipe.mode;
    plan_.dtype = recipe.mode == Mode::kBfloat16 ? DType::kBfloat16 : DType::kFloat16;
  }

  HalfPlan run() {
    std::set<std::string> tensors;
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      std::string why = refusal(node);
      const Decision decision = why.empty() ? Decision::kQuantized : Decision::kFloat;
      if (decision == Decision::kQuantized) {
        why = fmt::format("in {}", type().name);
        for (const int input : floats_.half_inputs(node)) tensors.insert(node.input(input));
        for (const int output : floats_.half_outputs(node)) tensors.insert(node.output(output));
      }
      const auto ruled = rules_on_nodes_.rules.find(node.name());
      plan_.nodes.push_back({node.name(),
                             node.op_type(),
                             decision,
                             std::move(why),
                             {},
                             ruled == rules_on_nodes_.rules.end() ? "" : ruled->second});
    }
    plan_.tensors.assign(tensors.begin(), tensors.end());
    return std::move(plan_);
  }

 private:
  const DTypeTraits& type() const { return traits(plan_.dtype); }

  // Why `node` stays float32; empty: it does not.
  std::string refusal(const onnx::NodeProto& node) const {
    if (!in_default_domain(node) || !rules_.runs_in_half(node.op_type())) {
      return fmt::format("target '{}' does not run {} in {}", profile_.name, node.op_type(),
                         type().name);
    }
    const auto& excluded = rules_on_nodes_.keep_float;
    if (const auto kept = excluded.find(node.name()); kept != excluded.end()) {
      return kept->second;
    }
    if (const std::string tensor = floats_.unknown(node); !tensor.empty()) {
      return fmt::format("the type of '{}' is not known", tensor);
    }
    if (floats_.half_outputs(node).empty()) return "its result is not float32";
    for (const int input : floats_.half_inputs(node)) {
      if (std::string why = misfit(node.input(input)); !why.empty()) return why;
    }
    for (const int output : floats_.half_outputs(node)) {
      if (std::string why = misfit(node.output(output)); !why.empty()) return why;
    }
    return {};
  }

  std::string misfit(const std::string& tensor) const {
    if (const onnx::TensorProto* constant = graph_.initializer(tensor)) {
      return constant_misfit(tensor, tensor_from_proto(*constant));
    }
    if (statistics_ == nullptr || !statistics_->contains(tensor)) return {};
    const Sketch& sketch = statistics_->at(tensor).sketch();
    const double farthest = std::abs(sketch.min()) > std::abs(sketch.max())
                                ? static_cast<double>(sketch.min())
                                : static_cast<double>(sketch.max());
    if (std::abs(farthest) <= type().highest) return {};
    return fmt::format("'{}' reached {}, beyond {} of {}", tensor, farthest, type().highest,
                       type().name);
  }

  std::string constant_misfit(const std::string& tensor, const Tensor& values) const {
    const auto numbers = values.as<float>();
    for (const float value : numbers) {
      if (!std::isfinite(value) || std::abs(value) <= type().highest) continue;
      return fmt::format("constant '{}' holds {}, beyond {} of {}", tensor, value, type().highest,
                         type().name);
    }
    // Among many, a tiny number is as good as 0; alone it is there to keep something off 0.
    if (numbers.size() == 1 && numbers[0] != 0 && rounded(type(), numbers[0]) == 0) {
      return fmt::format("constant '{}' is {}, which is 0 in {}", tensor, numbers[0], type().name);
    }
    return {};
  }

  const Graph& graph_;
  const Profile& profile_;
  const ModeRules& rules_;
  const Statistics* statistics_;
  const FloatTensors floats_;
  const PlacementOptions rules_on_nodes_;
  HalfPlan plan_;
};

}  // namespace

std::vector<std::string> float_tensors(const Graph& graph) {
  const FloatTensors floats(graph);
  std::vector<std::string> tensors;
  const auto add = [&](const std::string& tensor) {
    if (floats.contains(tensor) && !graph.is_constant(tensor)) tensors.push_back(tensor);
  };
  for (const auto& input : graph.proto().input()) add(input.name());
  for (const onnx::NodeProto& node : graph.proto().node()) {
    for (const int output : floats.half_outputs(node)) add(node.output(output));
  }
  return tensors;
}

HalfPlan select_half(const Graph& graph, const Profile& profile, const Recipe& recipe,
                     const Statistics* statistics) {
  return HalfSelector(graph, profile, recipe, statistics).run();
}

}  // namespace octavo
