#include "modes/select_weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "calibration/weight_ranges.h"
#include "model/attributes.h"
#include "model/tensor_proto.h"
#include "modes/weight_form.h"
#include "octavo/error.h"
#include "plan/apply_recipe.h"
#include "plan/resolve_rules.h"

namespace octavo {
namespace {

constexpr int kByteBits = 8;

// The recipe against what the target has, and the answers to what the recipe leaves open.
class Wishes {
 public:
  // `bits`: of the codes, fewer than their type has; nothing: all that the target has.
  Wishes(const Profile& profile, const Recipe& recipe, std::optional<int> bits = {})
      : rules_(profile.mode_rules(recipe.mode)), profile_(profile), recipe_(recipe), bits_(bits) {
    dtype_ = recipe.weight_dtype.value_or(profile.weight.dtype);
    check_dtype();
    check_block_size();
  }

  const ModeRules& rules() const { return rules_; }

  TypedForm form(const std::vector<TypedForm>& forms) const {
    return ModeRules::choose(forms, dtype_);
  }
  bool is_fallback(const TypedForm& chosen) const { return chosen.dtype != dtype_; }
  std::string_view dtype_name() const { return traits(dtype_).name; }
  const CalibratorSpec& calibrator() const { return recipe_.weight_calibrator; }

  // 0: one scale a slice.
  std::int64_t block_size(const TypedForm& chosen) const {
    const BlockUse use = weight_form(chosen.form).blocks;
    if (use == BlockUse::kNever) return 0;
    const auto standard = rules_.block_size.find(chosen.dtype);
    const bool has_standard = standard != rules_.block_size.end();
    if (use == BlockUse::kAlways && !has_standard) {
      throw Error(
          ErrorCode::kInvalidFile,
          fmt::format("target '{}': {} needs modes.{}.block_size.{}", profile_.name,
                      to_string(chosen.form), to_string(recipe_.mode), traits(chosen.dtype).name));
    }
    if (recipe_.block_size && !is_fallback(chosen)) return *recipe_.block_size;
    return has_standard ? standard->second : 0;
  }

  // Unsigned types are asked for because they can be asymmetric.
  Scheme scheme(const TypedForm& chosen) const {
    const DType dtype = chosen.dtype;
    const bool is_signed = traits(dtype).is_signed();
    Scheme scheme{.dtype = dtype,
                  .symmetry = is_signed ? Symmetry::kSymmetric : Symmetry::kAsymmetric};
    if (recipe_.weight_symmetry) scheme.symmetry = *recipe_.weight_symmetry;
    if (weight_form(chosen.form).zero_points == ZeroPoints::kMiddle) {
      scheme.symmetry = Symmetry::kSymmetric;
    }
    // A code fewer matters among 16, not among 256.
    const bool has_room = traits(dtype).bits >= kByteBits;
    scheme.narrow_range = is_signed && has_room && scheme.symmetry == Symmetry::kSymmetric;
    // Integer sums saturate with the same kernels as in static mode; float sums do not.
    if (recipe_.mode == Mode::kDynamic) scheme.reduced_bits = profile_.weight.reduced_bits;
    // Meant for the type asked for: another one stands in with all of its codes.
    return bits_ && !is_fallback(chosen) ? with_bits(scheme, *bits_) : scheme;
  }

 private:
  void check_dtype() const {
    std::vector<std::string_view> known;
    for (const auto& [op_type, forms] : rules_.weights) {
      for (const TypedForm& form : forms) {
        if (form.dtype == dtype_) return;
        const std::string_view name = traits(form.dtype).name;
        if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
      }
    }
    throw Error(
        ErrorCode::kUnsupported,
        fmt::format("target '{}' has no {} weights in mode {}, expected one of: {}", profile_.name,
                    dtype_name(), to_string(recipe_.mode), fmt::join(known, ", ")));
  }

  void check_block_size() const {
    if (!recipe_.block_size) return;
    if (rules_.block_sizes.empty()) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("block size {}: target '{}' has no blocks in mode {}",
                              *recipe_.block_size, profile_.name, to_string(recipe_.mode)));
    }
    const auto& known = rules_.block_sizes;
    if (std::find(known.begin(), known.end(), *recipe_.block_size) != known.end()) return;
    throw Error(ErrorCode::kUnsupported,
                fmt::format("target '{}' has no blocks of {} elements, expected one of: {}",
                            profile_.name, *recipe_.block_size, fmt::join(known, ", ")));
  }

  const ModeRules& rules_;
  const Profile& profile_;
  const Recipe& recipe_;
  std::optional<int> bits_;
  DType dtype_ = DType::kInt8;
};

// The recipe as it is for the nodes of a rule.
Recipe with_overrides(Recipe recipe, const SchemeOverrides& overrides) {
  if (overrides.dtype) {
    recipe.weight_dtype = overrides.dtype;
    recipe.block_size.reset();  // it was meant for another type
  }
  if (overrides.symmetry) recipe.weight_symmetry = overrides.symmetry;
  if (overrides.calibrator) recipe.weight_calibrator = *overrides.calibrator;
  return recipe;
}

// Why this weight stays float; empty: it does not.
std::string weight_refusal(const Graph& graph, const std::string& tensor) {
  const onnx::TensorProto* initializer = graph.initializer(tensor);
  if (initializer == nullptr || !graph.is_constant(tensor)) {
    return fmt::format("'{}' is computed, or can be overridden by the caller", tensor);
  }
  if (initializer->data_type() != onnx::TensorProto::FLOAT) {
    return fmt::format("'{}' is not float32", tensor);
  }
  const std::size_t count = element_count(shape_of(*initializer));
  if (count < kFewestElements) {
    return fmt::format("'{}' has {} elements, fewer than {}: nothing to gain", tensor, count,
                       kFewestElements);
  }
  return {};
}

bool has_weight(const Graph& graph, const onnx::NodeProto& node) {
  return std::any_of(node.input().begin(), node.input().end(), [&](const std::string& input) {
    return graph.is_initializer(input) && weight_refusal(graph, input).empty();
  });
}

std::string granularity_text(std::int64_t block_size, std::optional<int> axis) {
  if (block_size > 0) return fmt::format("in blocks of {}", block_size);
  return axis ? "one scale a channel" : "one scale";
}

std::string bits_text(const Scheme& scheme) {
  return fmt::format(" of {} bits", traits(scheme.dtype).bits - scheme.reduced_bits);
}

class Selector {
 public:
  Selector(const Graph& graph, const Profile& profile, const Recipe& recipe)
      : graph_(graph),
        profile_(profile),
        recipe_(recipe),
        wishes_(profile, recipe),
        settings_(resolve_rules(graph, recipe)) {}

  WeightSelection run() {
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      std::string why;
      const Decision decision = select(node, why) ? Decision::kQuantized : Decision::kFloat;
      const NodeSettings* settings = settings_of(node);
      result_.nodes.push_back({node.name(),
                               node.op_type(),
                               decision,
                               std::move(why),
                               {},
                               settings == nullptr ? std::string() : settings->rules});
    }
    return std::move(result_);
  }

 private:
  // Was `node` selected? `why` says how, or why not.
  bool select(const onnx::NodeProto& node, std::string& why) {
    const auto* forms = in_default_domain(node) ? wishes_.rules().forms(node.op_type()) : nullptr;
    if (forms == nullptr && !has_weight(graph_, node)) {
      why = fmt::format("it has no weight of {} elements or more", kFewestElements);
      return false;
    }
    if (forms == nullptr) {
      why = fmt::format("target '{}' has no {} form of {}", profile_.name, to_string(recipe_.mode),
                        node.op_type());
      return false;
    }
    const NodeSettings* settings = settings_of(node);
    if (settings != nullptr && !settings->exclusion.empty()) {
      why = settings->exclusion;
      return false;
    }
    const SchemeOverrides overrides = settings == nullptr ? SchemeOverrides() : settings->weight;
    const Recipe own = with_overrides(recipe_, overrides);
    const Wishes wishes(profile_, own, overrides.bits);
    const TypedForm chosen = wishes.form(*forms);
    const auto operands = weight_form(chosen.form).operands(node, graph_, why);
    for (const WeightOperand& operand : operands) {
      why = weight_refusal(graph_, node.input(operand.input));
      if (!why.empty()) return false;
    }
    if (operands.empty()) return false;
    for (const WeightOperand& operand : operands) add(node, operand, chosen, wishes);
    const SelectedWeight& last = result_.weights.back();
    why = fmt::format("{} weights{}, {}, as {}", traits(chosen.dtype).name,
                      last.scheme.reduced_bits > 0 ? bits_text(last.scheme) : "",
                      granularity_text(last.block_size, last.axis), to_string(chosen.form));
    if (wishes.is_fallback(chosen)) {
      why += fmt::format(": there is no {} form of {}", wishes.dtype_name(), node.op_type());
    }
    return true;
  }

  // Null: no rule says anything of it.
  const NodeSettings* settings_of(const onnx::NodeProto& node) const {
    const auto found = settings_.find(node.name());
    return found == settings_.end() ? nullptr : &found->second;
  }

  void add(const onnx::NodeProto& node, const WeightOperand& operand, const TypedForm& chosen,
           const Wishes& wishes) {
    SelectedWeight weight{.tensor = node.input(operand.input),
                          .node = node.name(),
                          .input = operand.input,
                          .form = chosen.form,
                          .scheme = wishes.scheme(chosen),
                          .axis = operand.slice_axis,
                          .calibrator = wishes.calibrator()};
    const std::int64_t size = wishes.block_size(chosen);
    if (!operand.slice_axis || (size > 0 && operand.block_axis)) {
      weight.axis = operand.block_axis;
      // Without a size of its own, a block is as long as the sum.
      const Shape shape = shape_of(*graph_.initializer(weight.tensor));
      if (weight.axis) weight.block_size = size > 0 ? size : shape[*weight.axis];
    }
    result_.weights.push_back(std::move(weight));
  }

  const Graph& graph_;
  const Profile& profile_;
  const Recipe& recipe_;
  const Wishes wishes_;
  const SettingsByNode settings_;
  WeightSelection result_;
};

}  // namespace

WeightSelection select_weights(const Graph& graph, const Profile& profile, const Recipe& recipe) {
  return Selector(graph, profile, recipe).run();
}

namespace {

int opset_of_one(const Profile& profile, const Recipe& recipe) {
  const Wishes wishes(profile, recipe);
  int opset = profile.opset;
  for (const auto& [op_type, forms] : wishes.rules().weights) {
    const TypedForm chosen = wishes.form(forms);
    const WeightFormInfo& info = weight_form(chosen.form);
    opset = std::max(opset, wishes.block_size(chosen) > 0 ? info.block_opset : info.opset);
  }
  return opset;
}

// "max" is about a range around 0. Where the codes are not, its extremes are what it means.
CalibratorSpec calibrator_for(const Scheme& scheme, const CalibratorSpec& calibrator) {
  const bool is_around_zero = scheme.symmetry == Symmetry::kSymmetric || calibrator.name != "max";
  return is_around_zero ? calibrator : CalibratorSpec{"min-max", {}};
}

}  // namespace

int opset_of(const Profile& profile, const Recipe& recipe) {
  int opset = opset_of_one(profile, recipe);
  for (const Rule& rule : recipe.rules) {
    opset = std::max(opset, opset_of_one(profile, with_overrides(recipe, rule.weight)));
  }
  return opset;
}

QuantParams weight_params(const Tensor& values, const SelectedWeight& weight) {
  QuantParams params{weight.scheme, {}, {}, weight.axis, weight.block_size};
  const CalibratorSpec calibrator = calibrator_for(weight.scheme, weight.calibrator);
  const std::vector<Range> ranges =
      weight.axis && weight.block_size > 0
          ? block_ranges(values, *weight.axis, weight.block_size, calibrator, weight.scheme)
          : weight_ranges(values, weight.axis, calibrator, weight.scheme);
  for (const Range& range : ranges) {
    const ScaleZeroPoint chosen = choose_params(range, weight.scheme);
    params.scale.push_back(chosen.scale);
    params.zero_point.push_back(chosen.zero_point);
  }
  return params;
}

WeightPlan plan_weights(const Graph& graph, const WeightSelection& selection,
                        const Recipe& recipe) {
  WeightPlan plan{recipe.mode, recipe.weight_calibrator, selection.nodes, {}};
  for (const SelectedWeight& weight : selection.weights) {
    const Tensor values = tensor_from_proto(*graph.initializer(weight.tensor));
    plan.weights.push_back(
        {weight.tensor, weight.node, weight.input, weight.form, weight_params(values, weight)});
  }
  return plan;
}

}  // namespace octavo
