#include "plan/apply_recipe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "octavo/error.h"
#include "plan/resolve_rules.h"

namespace octavo {
namespace {

Scheme adapt(Scheme scheme, std::optional<Symmetry> symmetry, std::optional<DType> dtype) {
  if (symmetry) scheme.symmetry = *symmetry;
  if (dtype) scheme.dtype = *dtype;
  // The lowest code is left out of a symmetric signed range only.
  if (scheme.symmetry == Symmetry::kAsymmetric) scheme.narrow_range = false;
  return scheme;
}

void require_type(std::string_view what, DType dtype, const std::vector<DType>& known,
                  const Profile& profile) {
  if (std::find(known.begin(), known.end(), dtype) != known.end()) return;
  std::vector<std::string_view> names;
  for (const DType type : known) names.push_back(traits(type).name);
  throw Error(ErrorCode::kUnsupported,
              fmt::format("target '{}' has no kernels for {} {}, expected one of: {}", profile.name,
                          traits(dtype).name, what, fmt::join(names, ", ")));
}

// No runtime multiplies codes that are floats by codes that are integers.
void require_same_kind(DType activation, DType weight) {
  if (traits(activation).is_integer() == traits(weight).is_integer()) return;
  throw Error(ErrorCode::kUnsupported,
              fmt::format("activations of type {} beside weights of type {}: expected both to be "
                          "integers or both floats (--activation-type, --weight-type)",
                          traits(activation).name, traits(weight).name));
}

Scheme with_overrides(Scheme scheme, const SchemeOverrides& overrides) {
  const bool same_type = !overrides.dtype || *overrides.dtype == scheme.dtype;
  scheme = adapt(scheme, overrides.symmetry, overrides.dtype);
  if (!same_type) scheme.reduced_bits = 0;
  return overrides.bits ? with_bits(scheme, *overrides.bits) : scheme;
}

// The oldest opset that can express what a rule asks for.
int opset_of(const Profile& profile, const Rule& rule) {
  try {
    const DType activation = activation_scheme(profile, rule.activation).dtype;
    const DType weight = weight_scheme(profile, rule.weight).dtype;
    require_same_kind(activation, weight);
    return std::max(traits(activation).quantize_opset, traits(weight).quantize_opset);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("rule '{}': {}", rule.text, error.what()));
  }
}

}  // namespace

Scheme with_bits(Scheme scheme, int bits) {
  const DTypeTraits& type = traits(scheme.dtype);
  if (bits > type.bits) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{} bits: {} has {}", bits, type.name, type.bits));
  }
  scheme.reduced_bits = type.bits - bits;
  return scheme;
}

Profile apply_recipe(Profile profile, const Recipe& recipe) {
  if (recipe.block_size) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("block size {}: mode static has no blocks, weight-only has",
                            *recipe.block_size));
  }
  profile.activation =
      adapt(profile.activation, recipe.activation_symmetry, recipe.activation_dtype);
  profile.weight = adapt(profile.weight, recipe.weight_symmetry, recipe.weight_dtype);
  require_type("activations", profile.activation.dtype, profile.activation_types, profile);
  require_type("weights", profile.weight.dtype, profile.weight_types, profile);
  require_same_kind(profile.activation.dtype, profile.weight.dtype);
  for (const Scheme& scheme : {profile.activation, profile.weight}) code_range(scheme);
  profile.opset = std::max({profile.opset, traits(profile.activation.dtype).quantize_opset,
                            traits(profile.weight.dtype).quantize_opset});
  for (const Rule& rule : recipe.rules) {
    profile.opset = std::max(profile.opset, opset_of(profile, rule));
  }
  if (recipe.weight_granularity) {
    profile.weight_granularity = *recipe.weight_granularity;
    for (auto& [op_type, rule] : profile.operators) {
      if (rule.granularity) rule.granularity = recipe.weight_granularity;
    }
  }
  return profile;
}

PlacementOptions placement_options(const Graph& graph, const Recipe& recipe) {
  PlacementOptions options;
  if (recipe.output_dtype) options.outputs = OutputCodes::kWanted;
  for (const auto& [node, settings] : resolve_rules(graph, recipe)) {
    options.rules.emplace(node, settings.rules);
    if (!settings.exclusion.empty()) options.keep_float.emplace(node, settings.exclusion);
    if (settings.weight.granularity) {
      options.weight_granularity.emplace(node, *settings.weight.granularity);
    }
  }
  return options;
}

Scheme activation_scheme(const Profile& profile, const SchemeOverrides& overrides) {
  const Scheme scheme = with_overrides(profile.activation, overrides);
  require_type("activations", scheme.dtype, profile.activation_types, profile);
  return scheme;
}

Scheme weight_scheme(const Profile& profile, const SchemeOverrides& overrides) {
  const Scheme scheme = with_overrides(profile.weight, overrides);
  require_type("weights", scheme.dtype, profile.weight_types, profile);
  return scheme;
}

}  // namespace octavo
