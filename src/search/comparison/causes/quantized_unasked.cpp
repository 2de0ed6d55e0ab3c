#include <fmt/format.h>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

std::optional<Cause> find(const ComparisonReport& report) {
  const std::vector<std::string>& layers = report.unasked_layers;
  if (layers.empty()) return std::nullopt;
  return Cause{"quantized-unasked",
               fmt::format("{} layer(s) have float weights between codes, '{}' the first: ONNX "
                           "Runtime rounds them to int8 by itself, with one scale for all weights",
                           layers.size(), layers.front()),
               "--target onnxruntime-x86, which keeps such layers in float"};
}

}  // namespace

const CauseRule& quantized_unasked_cause() {
  static constexpr CauseRule kRule{
      "quantized-unasked", "layers in float that ONNX Runtime runs on integers all the same",
      nullptr, find};
  return kRule;
}

}  // namespace octavo
