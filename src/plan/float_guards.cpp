#include "plan/float_guards.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "model/attributes.h"
#include "onnx/onnx-ml.pb.h"
#include "prepare/known_types.h"

namespace octavo {
namespace {

struct Channels {
  int axis = 1;
  std::size_t count = 0;
};

// Of the first input, along which weights are multiplied.
std::optional<Channels> input_channels(const Graph& graph, const onnx::NodeProto& node) {
  const onnx::TensorProto* weight = graph.initializer(input_or_empty(node, 1));
  if (weight == nullptr || weight->dims_size() < 2) return std::nullopt;
  const auto dim = [&](int index) { return static_cast<std::size_t>(weight->dims(index)); };
  if (node.op_type() == "Gemm") {
    const bool transposed = int_attribute(node, "transA", 0) != 0;
    const bool weight_transposed = int_attribute(node, "transB", 0) != 0;
    return Channels{transposed ? 0 : 1, dim(weight_transposed ? 1 : 0)};
  }
  if (node.op_type() == "ConvTranspose") return Channels{1, dim(0)};
  const auto groups = static_cast<std::size_t>(int_attribute(node, "group", 1));
  return Channels{1, dim(1) * groups};
}

class Guards {
 public:
  Guards(const Graph& graph, const Plan& plan, const Profile& profile)
      : graph_(graph), plan_(plan), profile_(profile) {
    for (const NodePlacement& node : plan.nodes) placed_.emplace(node.node, &node);
    for (const PlannedActivation& activation : plan.activations) {
      activations_.emplace(activation.tensor, &activation);
    }
  }

  std::vector<FloatGuard> run() {
    for (const NodePlacement& placed : plan_.nodes) {
      if (placed.decision != Decision::kFloat || !profile_.quantizes_unasked(placed.op_type)) {
        continue;
      }
      const onnx::NodeProto& node = *graph_.node(placed.node);
      if (const auto channels = input_channels(graph_, node)) guard(node, *channels);
    }
    return std::move(guards_);
  }

 private:
  void guard(const onnx::NodeProto& kept, Channels channels) {
    const onnx::NodeProto* reader = &kept;
    auto found = activations_.find(reader->input(0));
    for (; found == activations_.end(); found = activations_.find(reader->input(0))) {
      reader = graph_.producer(reader->input(0));
      if (reader == nullptr || !moves_values_in_float(*reader)) return;
    }
    const PlannedActivation& read = *found->second;
    if (read.float_form != FloatForm::kNone || is_guarded(*reader)) return;
    if (reader != &kept) {
      const auto shape = shape_of(read.tensor);
      if (!shape || shape->size() < 2) return;
      channels = {1, static_cast<std::size_t>(std::max<std::int64_t>((*shape)[1], 0))};
    }
    if (channels.count < 2) return;
    QuantParams params = read.params;
    params.scale.assign(channels.count, read.params.scale.front());
    params.zero_point.assign(channels.count, read.params.zero_point.front());
    params.axis = channels.axis;
    guards_.push_back({read.tensor, reader->name(), std::move(params)});
  }

  // Shapes are followed through the whole graph: only where one is asked for.
  std::optional<Shape> shape_of(const std::string& tensor) {
    if (!types_) types_.emplace(graph_);
    return types_->shape(tensor);
  }

  bool moves_values_in_float(const onnx::NodeProto& node) const {
    const OperatorRule* rule = profile_.rule(node.op_type());
    const bool moves = rule != nullptr && (rule->role == OperatorRole::kPassThrough ||
                                           rule->role == OperatorRole::kIntegerPassThrough);
    return moves && placed_.at(node.name())->decision == Decision::kFloat;
  }

  bool is_guarded(const onnx::NodeProto& reader) const {
    return std::ranges::any_of(
        guards_, [&](const FloatGuard& guard) { return guard.node == reader.name(); });
  }

  const Graph& graph_;
  const Plan& plan_;
  const Profile& profile_;
  std::optional<KnownTypes> types_;
  std::map<std::string_view, const NodePlacement*> placed_;
  std::map<std::string_view, const PlannedActivation*> activations_;
  std::vector<FloatGuard> guards_;
};

}  // namespace

std::vector<FloatGuard> float_guards(const Graph& graph, const Plan& plan, const Profile& profile) {
  if (profile.quantized_unasked.empty()) return {};
  return Guards(graph, plan, profile).run();
}

}  // namespace octavo
