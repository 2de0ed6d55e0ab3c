#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "calibration/weight_ranges.h"
#include "core/bias.h"
#include "model/tensor_proto.h"
#include "plan/apply_recipe.h"
#include "plan/group_schemes.h"
#include "plan/pixel_params.h"
#include "plan/plan.h"
#include "plan/resolve_rules.h"

namespace octavo {
namespace {

constexpr std::int32_t kHighestPixel = 255;

struct GroupRange {
  Range range;
  CalibratorSpec calibrator;
};

// How the tensors of one group become codes.
struct GroupScheme {
  Scheme scheme;
  CalibratorSpec calibrator;
};

Range hull(const Range& a, const Range& b) {
  return {std::min(a.min, b.min), std::max(a.max, b.max)};
}

double width(const Range& range) { return std::max(range.max, 0.0) - std::min(range.min, 0.0); }

GroupRange group_range(const ScaleGroup& group, const Statistics& statistics,
                       const GroupScheme& wanted) {
  if (group.fixed_range) return {*group.fixed_range, {"fixed", {}}};
  GroupRange result;
  bool first = true;
  for (const std::string& tensor : group.observed) {
    const CalibratedRange found =
        calibrated_range(statistics.at(tensor), wanted.calibrator, wanted.scheme);
    result.range = first ? found.range : hull(result.range, found.range);
    result.calibrator = found.chosen;
    first = false;
  }
  return result;
}

// Gives the groups of a wish one range if their widths are alike; boxes beside scores are not.
void grant_equal_scales(const EqualScaleWish& wish, std::vector<GroupRange>& ranges) {
  Range common;
  double narrowest = std::numeric_limits<double>::max();
  double widest = 0;
  for (std::size_t group : wish.groups) {
    common = hull(common, ranges[group].range);
    narrowest = std::min(narrowest, width(ranges[group].range));
    widest = std::max(widest, width(ranges[group].range));
  }
  if (widest > wish.up_to_range_ratio * narrowest) return;
  for (std::size_t group : wish.groups) ranges[group].range = common;
}

std::vector<GroupRange> group_ranges(const Placement& placement, const Statistics& statistics,
                                     const std::vector<GroupScheme>& schemes) {
  std::vector<GroupRange> ranges;
  for (std::size_t i = 0; i < placement.groups.size(); ++i) {
    ranges.push_back(group_range(placement.groups[i], statistics, schemes[i]));
  }
  for (const EqualScaleWish& wish : placement.equal_scale_wishes) grant_equal_scales(wish, ranges);
  return ranges;
}

QuantParams per_tensor(ScaleZeroPoint params, const Scheme& scheme) {
  return {scheme, {params.scale}, {params.zero_point}, std::nullopt};
}

// A channel whose weights are all zero still has a bias, which is stored in steps of activation
// scale x weight scale: it takes the widest channel's scale, so that its bias is as fine as others.
void fill_empty_channels(std::vector<Range>& ranges) {
  Range widest;
  for (const Range& range : ranges) {
    if (width(range) > width(widest)) widest = range;
  }
  for (Range& range : ranges) {
    if (width(range) == 0) range = widest;
  }
}

QuantParams weight_params(const Tensor& weight, std::optional<int> axis, const Scheme& scheme,
                          const CalibratorSpec& calibrator) {
  QuantParams params{scheme, {}, {}, axis};
  std::vector<Range> ranges = weight_ranges(weight, axis, calibrator, scheme);
  fill_empty_channels(ranges);
  for (const Range& range : ranges) {
    const ScaleZeroPoint chosen = choose_params(range, scheme);
    params.scale.push_back(chosen.scale);
    params.zero_point.push_back(chosen.zero_point);
  }
  return params;
}

class Planner {
 public:
  Planner(const Graph& graph, const Placement& placement, const Profile& profile,
          const Recipe& recipe)
      : graph_(graph),
        placement_(placement),
        profile_(profile),
        recipe_(recipe),
        settings_(resolve_rules(graph, recipe)) {
    for (const SchemeOverrides& overrides : group_overrides(graph, placement, settings_)) {
      group_schemes_.push_back({activation_scheme(profile, overrides),
                                overrides.calibrator.value_or(recipe.activation_calibrator)});
    }
  }

  Plan run(const Statistics& statistics) {
    plan_.opset = profile_.opset;
    plan_.bias_form = profile_.bias;
    plan_.requantized_in_float = profile_.requantized_in_float;
    plan_.nodes = placement_.nodes;
    std::vector<GroupRange> ranges = group_ranges(placement_, statistics, group_schemes_);
    fix_pixels(ranges);
    plan_activations(ranges);
    move_in_float_what_kernels_do_not();
    plan_constants();
    widen_for_biases();
    plan_biases();
    return std::move(plan_);
  }

 private:
  // What pixels stand for is known, and their codes are exact.
  void fix_pixels(std::vector<GroupRange>& ranges) const {
    const auto params = recipe_.pixels ? pixel_params(*recipe_.pixels) : std::nullopt;
    if (!params) return;
    for (const QuantizedActivation& activation : placement_.activations) {
      const Scheme& scheme = group_schemes_[activation.group].scheme;
      const bool holds_pixels =
          scheme.dtype == DType::kUint8 && code_range(scheme) == CodeRange{0, kHighestPixel};
      if (!graph_.is_input(activation.tensor) || !holds_pixels) continue;
      const double scale = params->scale;
      const Range range{-params->zero_point * scale, (kHighestPixel - params->zero_point) * scale};
      if (choose_params(range, scheme) == *params)
        ranges[activation.group] = {range, {"fixed", {}}};
    }
  }

  void plan_activations(const std::vector<GroupRange>& ranges) {
    for (const QuantizedActivation& activation : placement_.activations) {
      const GroupRange& group = ranges[activation.group];
      const Scheme& scheme = group_schemes_[activation.group].scheme;
      const ScaleZeroPoint params = choose_params(group.range, scheme);
      activation_scales_[activation.tensor] = params.scale;
      plan_.activations.push_back({activation.tensor, per_tensor(params, scheme),
                                   activation.float_form, group.range, group.calibrator});
    }
  }

  // Codes of a type that the target's kernel of an operator does not move pass through it in float.
  void move_in_float_what_kernels_do_not() {
    for (NodePlacement& node : plan_.nodes) {
      if (node.role != OperatorRole::kIntegerPassThrough) continue;
      const std::vector<DType>& types = profile_.rule(node.op_type)->code_types;
      const PlannedActivation* activation =
          planned_activation(plan_, graph_.node(node.node)->input(0));
      if (types.empty() || activation == nullptr) continue;
      const DType dtype = activation->params.scheme.dtype;
      const bool takes = std::find(types.begin(), types.end(), dtype) != types.end();
      if (!takes) node.role = OperatorRole::kPassThrough;
    }
  }

  void plan_constants() {
    for (const QuantizedConstant& constant : placement_.constants) {
      const Tensor values = tensor_from_proto(*graph_.initializer(constant.tensor));
      const GroupScheme wanted = constant_scheme(constant);
      plan_.constants.push_back(
          {constant.tensor, constant.node, constant.input,
           weight_params(values, constant.axis, wanted.scheme, wanted.calibrator)});
    }
  }

  // An operand beside an activation is of the activation's type.
  GroupScheme constant_scheme(const QuantizedConstant& constant) const {
    if (constant.kind == QuantizedConstant::Kind::kOperand) {
      return {operand_scheme(*graph_.node(constant.node)), {"max", {}}};
    }
    const auto found = settings_.find(constant.node);
    if (found == settings_.end()) return {profile_.weight, recipe_.weight_calibrator};
    const SchemeOverrides& overrides = found->second.weight;
    return {weight_scheme(profile_, overrides),
            overrides.calibrator.value_or(recipe_.weight_calibrator)};
  }

  const Scheme& operand_scheme(const onnx::NodeProto& node) const {
    for (const std::string& input : node.input()) {
      const QuantizedActivation* activation = placement_.activation(input);
      if (activation != nullptr) return group_schemes_[activation->group].scheme;
    }
    return profile_.activation;
  }

  // Those that store the same tensor in the same codes.
  std::vector<PlannedConstant*> constants_like(const PlannedConstant& weight) {
    std::vector<PlannedConstant*> found;
    for (PlannedConstant& constant : plan_.constants) {
      const bool same = constant.tensor == weight.tensor && constant.params == weight.params;
      if (same) found.push_back(&constant);
    }
    return found;
  }

  PlannedConstant& weight_of(const QuantizedBias& bias) {
    return *std::find_if(plan_.constants.begin(), plan_.constants.end(), [&](const auto& constant) {
      return constant.tensor == bias.weight && constant.node == bias.node;
    });
  }

  // A weight that several nodes share keeps one set of scales: the widest that any bias needs.
  void widen_for_biases() {
    for (const QuantizedBias& bias : placement_.biases) {
      const Tensor values = tensor_from_proto(*graph_.initializer(bias.tensor));
      PlannedConstant& weight = weight_of(bias);
      const BiasFit fit =
          fit_bias(values, activation_scales_.at(bias.activation), weight.params.scale);
      widened_by_[bias.node] = fit.widened_by;
      if (fit.widened_by == 1) continue;
      for (PlannedConstant* constant : constants_like(weight)) {
        constant->params.scale = fit.weight_scales;
      }
    }
  }

  void plan_biases() {
    for (const QuantizedBias& bias : placement_.biases) {
      const PlannedConstant& weight = weight_of(bias);
      QuantParams params = bias_params(activation_scales_.at(bias.activation), weight.params.scale);
      // A Gemm's bias may be [1, N]: the channels are its last axis.
      if (params.axis) params.axis = graph_.initializer(bias.tensor)->dims_size() - 1;
      plan_.biases.push_back(
          {bias.tensor, bias.node, bias.input, std::move(params), widened_by_.at(bias.node)});
    }
  }

  const Graph& graph_;
  const Placement& placement_;
  const Profile& profile_;
  const Recipe& recipe_;
  const SettingsByNode settings_;
  std::vector<GroupScheme> group_schemes_;  // by scale group
  Plan plan_;
  std::map<std::string, float> activation_scales_;
  std::map<std::string, double> widened_by_;
};

}  // namespace

const PlannedActivation* planned_activation(const Plan& plan, std::string_view tensor) {
  const auto found = std::find_if(
      plan.activations.begin(), plan.activations.end(),
      [&](const PlannedActivation& activation) { return activation.tensor == tensor; });
  return found == plan.activations.end() ? nullptr : &*found;
}

Plan make_plan(const Graph& graph, const Placement& placement, const Statistics& statistics,
               const Profile& profile, const Recipe& recipe) {
  return Planner(graph, placement, profile, recipe).run(statistics);
}

}  // namespace octavo
