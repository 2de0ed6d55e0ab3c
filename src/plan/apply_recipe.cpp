#include "plan/apply_recipe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>
#include <utility>

#include "octavo/error.h"

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

std::regex compile(const std::string& pattern) {
  try {
    return std::regex(pattern);
  } catch (const std::regex_error& error) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is not a regular expression: {}", pattern, error.what()));
  }
}

void exclude(PlacementOptions& options, const onnx::NodeProto& node, const std::string& pattern) {
  options.keep_float.emplace(node.name(), fmt::format("excluded by '{}'", pattern));
}

void require_match(bool matched, std::string_view what, const std::string& pattern) {
  if (matched) return;
  throw Error(
      ErrorCode::kInvalidArgument,
      fmt::format("exclude: no node has {} '{}'; `octavo inspect` lists the nodes", what, pattern));
}

}  // namespace

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
  profile.opset = std::max({profile.opset, traits(profile.activation.dtype).quantize_opset,
                            traits(profile.weight.dtype).quantize_opset});
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
  for (const std::string& pattern : recipe.exclude_nodes) {
    bool matched = false;
    const bool exact = graph.node(pattern) != nullptr;
    const std::regex expression = exact ? std::regex() : compile(pattern);
    for (const onnx::NodeProto& node : graph.proto().node()) {
      const bool hit = exact ? node.name() == pattern : std::regex_match(node.name(), expression);
      if (hit) exclude(options, node, pattern);
      matched = matched || hit;
    }
    require_match(matched, "the name", pattern);
  }
  for (const std::string& op_type : recipe.exclude_op_types) {
    bool matched = false;
    for (const onnx::NodeProto& node : graph.proto().node()) {
      if (node.op_type() != op_type) continue;
      exclude(options, node, op_type);
      matched = true;
    }
    require_match(matched, "the type", op_type);
  }
  return options;
}

}  // namespace octavo
