#include "pipeline/trained_tensors.h"

#include <fmt/format.h>

#include <map>
#include <numeric>

#include "octavo/error.h"

namespace octavo {
namespace {

using Learning = TrainedActivation::Learning;

Learning learning_of(const PlannedActivation& activation) {
  if (activation.calibrator.name == "fixed") return Learning::kNone;
  const QuantParams& params = activation.params;
  if (params.scheme.symmetry == Symmetry::kSymmetric) return Learning::kScale;
  const CodeRange codes = code_range(params.scheme);
  const std::int32_t zero_point = params.zero_point.front();
  const bool inside = codes.min < zero_point && zero_point < codes.max;
  return inside ? Learning::kScaleAndZeroPoint : Learning::kScale;
}

// The lowest group that each group shares its numbers with, by the wishes that were granted.
std::vector<std::size_t> joined_groups(
    const Placement& placement, const std::map<std::size_t, const PlannedActivation*>& by_group) {
  std::vector<std::size_t> joined(placement.groups.size());
  std::iota(joined.begin(), joined.end(), std::size_t{0});
  const auto same = [&](std::size_t a, std::size_t b) {
    const auto first = by_group.find(a);
    const auto second = by_group.find(b);
    return first != by_group.end() && second != by_group.end() &&
           first->second->params == second->second->params;
  };
  for (const EqualScaleWish& wish : placement.equal_scale_wishes) {
    for (const std::size_t group : wish.groups) {
      if (!same(group, wish.groups.front())) continue;
      const std::size_t from = joined[group];
      const std::size_t to = joined[wish.groups.front()];
      for (std::size_t& entry : joined) entry = entry == from ? to : entry;
    }
  }
  return joined;
}

}  // namespace

std::vector<TrainedWeight> trained_weights(const Plan& plan) {
  std::vector<TrainedWeight> weights;
  for (const PlannedConstant& constant : plan.constants) {
    const Scheme& scheme = constant.params.scheme;
    if (!traits(scheme.dtype).is_integer()) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("'{}' has weights of type {}: training learns integer codes only",
                              constant.node, traits(scheme.dtype).name));
    }
    weights.push_back({constant.node, constant.input, scheme.narrow_range, scheme.reduced_bits});
  }
  return weights;
}

std::vector<TrainedActivation> trained_activations(const Plan& plan, const Placement& placement) {
  std::map<std::size_t, const PlannedActivation*> by_group;
  for (const PlannedActivation& activation : plan.activations) {
    const QuantizedActivation* placed = placement.activation(activation.tensor);
    if (placed != nullptr) by_group.emplace(placed->group, &activation);
  }
  const std::vector<std::size_t> joined = joined_groups(placement, by_group);
  std::vector<TrainedActivation> activations;
  for (const PlannedActivation& activation : plan.activations) {
    const QuantizedActivation* placed = placement.activation(activation.tensor);
    // One that the placement has not shares with none.
    const std::size_t group =
        placed == nullptr ? joined.size() + activations.size() : joined[placed->group];
    activations.push_back({activation.tensor, group, learning_of(activation)});
  }
  return activations;
}

}  // namespace octavo
