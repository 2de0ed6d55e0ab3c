#include "placement/merge_profiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "octavo/error.h"

namespace octavo {
namespace {

template <typename T>
std::vector<T> in_both(const std::vector<T>& first, const std::vector<T>& second) {
  std::vector<T> both;
  for (const T& value : first) {
    if (std::find(second.begin(), second.end(), value) != second.end()) both.push_back(value);
  }
  return both;
}

template <typename T>
bool holds(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

template <typename T>
std::vector<T> in_either(std::vector<T> values, const std::vector<T>& others) {
  std::copy_if(others.begin(), others.end(), std::back_inserter(values),
               [&](const T& value) { return !holds(values, value); });
  return values;
}

class Merger {
 public:
  Merger(const Profile& first, const Profile& second) : first_(first), second_(second) {}

  Profile run() {
    Profile merged = first_;
    merged.name = fmt::format("{},{}", first_.name, second_.name);
    merged.description = fmt::format("{}; and {}", first_.description, second_.description);
    const std::string& runtime = second_.runtime;
    const bool is_new =
        !runtime.empty() && runtime != first_.runtime && !holds(first_.other_runtimes, runtime);
    if (is_new) merged.other_runtimes.push_back(runtime);
    merged.architectures = in_both(first_.architectures, second_.architectures);
    merged.sources.insert(merged.sources.end(), second_.sources.begin(), second_.sources.end());
    merged.opset = std::max(first_.opset, second_.opset);
    merged.activation_types = in_both(first_.activation_types, second_.activation_types);
    merged.weight_types = in_both(first_.weight_types, second_.weight_types);
    merged.activation =
        scheme(first_.activation, second_.activation, merged.activation_types, "activation");
    merged.weight = scheme(first_.weight, second_.weight, merged.weight_types, "weight");
    merged.weight_granularity = coarser(first_.weight_granularity, second_.weight_granularity);
    merged.bias_forms = in_both(first_.bias_forms, second_.bias_forms);
    if (merged.bias_forms.empty()) contradict("bias", "no form of bias is common");
    merged.bias = holds(merged.bias_forms, first_.bias) ? first_.bias : merged.bias_forms.front();
    // What saturates in one of them is to be seen.
    if (merged.accumulation == Accumulation::kInt32) merged.accumulation = second_.accumulation;
    merged.absorbed_activations =
        in_both(first_.absorbed_activations, second_.absorbed_activations);
    merged.quantized_unasked = in_either(first_.quantized_unasked, second_.quantized_unasked);
    merged.fuses_additions_into =
        in_either(first_.fuses_additions_into, second_.fuses_additions_into);
    merged.least_conv_channels = std::max(first_.least_conv_channels, second_.least_conv_channels);
    merge_operators(merged);
    merge_modes(merged);
    return merged;
  }

 private:
  static std::string place(const Profile& profile, const std::string& key) {
    const auto line = profile.lines.find(key);
    return line == profile.lines.end()
               ? fmt::format("{}: {}", profile.name, key)
               : fmt::format("{}.json:{}: {}", profile.name, line->second, key);
  }

  [[noreturn]] void contradict(const std::string& key, std::string_view what) const {
    throw Error(
        ErrorCode::kUnsupported,
        fmt::format("targets '{}' and '{}' contradict each other: {} ({} and {})", first_.name,
                    second_.name, what, place(first_, key), place(second_, key)));
  }

  static Granularity coarser(Granularity first, Granularity second) {
    const bool whole = first == Granularity::kPerTensor || second == Granularity::kPerTensor;
    return whole ? Granularity::kPerTensor : first;
  }

  Scheme scheme(const Scheme& first, const Scheme& second, const std::vector<DType>& types,
                const std::string& key) const {
    Scheme merged = first;
    if (types.empty()) contradict(key, fmt::format("no type of {}s is common", key));
    if (!holds(types, first.dtype)) {
      merged.dtype = holds(types, second.dtype) ? second.dtype : types.front();
    }
    const bool symmetric =
        first.symmetry == Symmetry::kSymmetric || second.symmetry == Symmetry::kSymmetric;
    merged.symmetry = symmetric ? Symmetry::kSymmetric : Symmetry::kAsymmetric;
    merged.narrow_range = symmetric && (first.narrow_range || second.narrow_range);
    merged.reduced_bits = std::max(first.reduced_bits, second.reduced_bits);
    return merged;
  }

  void merge_operators(Profile& merged) const {
    merged.operators.clear();
    for (const auto& [op_type, rule] : first_.operators) {
      const OperatorRule* other = second_.rule(op_type);
      if (other == nullptr) continue;
      if (auto both = merge_rules(rule, *other, "operators." + op_type)) {
        merged.operators.emplace(op_type, std::move(*both));
      }
    }
  }

  // Nothing: no attributes satisfy both.
  std::optional<OperatorRule> merge_rules(const OperatorRule& first, const OperatorRule& second,
                                          const std::string& key) const {
    OperatorRule merged = first;
    merged.role = role(first, second, key);
    if (second.output == OutputForm::kQuantized) merged.output = OutputForm::kQuantized;
    merged.granularity = granularity(first, second);
    if (first.fused_operand != second.fused_operand) {
      contradict(key, "they fuse different operands of it");
    }
    merged.activation_operands = first.activation_operands && second.activation_operands;
    if (!first.output_range) merged.output_range = second.output_range;
    if (first.output_range && second.output_range && *first.output_range != *second.output_range) {
      contradict(key, "its results lie in different ranges");
    }
    merged.prefer_equal_scales_up_to_range_ratio = std::max(
        first.prefer_equal_scales_up_to_range_ratio, second.prefer_equal_scales_up_to_range_ratio);
    if (!first.code_types.empty() && !second.code_types.empty()) {
      merged.code_types = in_both(first.code_types, second.code_types);
      if (merged.code_types.empty()) return std::nullopt;
    } else if (first.code_types.empty()) {
      merged.code_types = second.code_types;
    }
    for (const auto& [name, allowed] : second.attributes) {
      const auto found = merged.attributes.find(name);
      merged.attributes[name] =
          found == merged.attributes.end() ? allowed : in_both(found->second, allowed);
      if (merged.attributes[name].empty()) return std::nullopt;
    }
    return merged;
  }

  OperatorRole role(const OperatorRule& first, const OperatorRule& second,
                    const std::string& key) const {
    if (first.role == second.role) return first.role;
    const auto moves = [](const OperatorRule& rule) {
      return rule.role == OperatorRole::kPassThrough ||
             rule.role == OperatorRole::kIntegerPassThrough;
    };
    // Between the codes themselves, there is nothing that a runtime has to fuse.
    if (moves(first) && moves(second)) return OperatorRole::kIntegerPassThrough;
    contradict(key, "it has different roles");
  }

  // Nothing: as the merged profile says of all operators.
  std::optional<Granularity> granularity(const OperatorRule& first,
                                         const OperatorRule& second) const {
    if (!first.granularity && !second.granularity) return std::nullopt;
    return coarser(first.granularity.value_or(first_.weight_granularity),
                   second.granularity.value_or(second_.weight_granularity));
  }

  void merge_modes(Profile& merged) const {
    merged.modes.clear();
    for (const auto& [mode, rules] : first_.modes) {
      const auto other = second_.modes.find(mode);
      if (other == second_.modes.end()) continue;
      ModeRules both = merge_mode(rules, other->second);
      if (both.weights.empty() && both.half_operators.empty()) continue;
      merged.modes.emplace(mode, std::move(both));
    }
  }

  static ModeRules merge_mode(const ModeRules& first, const ModeRules& second) {
    ModeRules merged;
    merged.half_operators = in_both(first.half_operators, second.half_operators);
    merged.block_sizes = in_both(first.block_sizes, second.block_sizes);
    for (const auto& [dtype, size] : first.block_size) {
      const bool common = second.block_size.contains(dtype) && holds(merged.block_sizes, size);
      if (common) merged.block_size.emplace(dtype, size);
    }
    for (const auto& [op_type, forms] : first.weights) {
      const auto* others = second.forms(op_type);
      if (others == nullptr) continue;
      std::vector<TypedForm> common = in_both(forms, *others);
      if (!common.empty()) merged.weights.emplace(op_type, std::move(common));
    }
    return merged;
  }

  const Profile& first_;
  const Profile& second_;
};

}  // namespace

Profile merge_profiles(const Profile& first, const Profile& second) {
  return Merger(first, second).run();
}

}  // namespace octavo
