#include <fmt/format.h>

#include <algorithm>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

// One scale leaves the smaller tensor three bits fewer.
constexpr double kUnlike = 8;

// "a" and "b" share the scale of what both become.
std::optional<Cause> of_concat(const LayerComparison& layer) {
  const auto& magnitudes = layer.input_magnitudes;
  if (magnitudes.size() < 2) return std::nullopt;
  const auto [narrow, wide] = std::minmax_element(magnitudes.begin(), magnitudes.end());
  if (*narrow <= 0 || *wide < kUnlike * *narrow) return std::nullopt;
  const std::string reader = layer.readers.empty() ? layer.node : layer.readers.front();
  return Cause{
      "shared-concat-scale",
      fmt::format("it joins '{}' (up to {:.3g}) and '{}' (up to {:.3g}) under one scale",
                  layer.inputs[static_cast<std::size_t>(narrow - magnitudes.begin())], *narrow,
                  layer.inputs[static_cast<std::size_t>(wide - magnitudes.begin())], *wide),
      fmt::format("--exclude '{}' --exclude '{}'", layer.node, reader)};
}

// The scale of a Concat behind it, taken over.
std::optional<Cause> before_concat(const LayerComparison& layer) {
  const auto reader = std::find(layer.reader_types.begin(), layer.reader_types.end(), "Concat");
  if (reader == layer.reader_types.end() || !layer.quantizer) return std::nullopt;
  const ResultQuantizer& quantizer = *layer.quantizer;
  const double covered = quantizer.covered.max - quantizer.covered.min;
  const double seen = std::max(quantizer.seen.max, 0.0) - std::min(quantizer.seen.min, 0.0);
  if (seen <= 0 || covered < kUnlike * seen) return std::nullopt;
  const auto& concat = layer.readers[static_cast<std::size_t>(reader - layer.reader_types.begin())];
  return Cause{"shared-concat-scale",
               fmt::format("it has the scale of the Concat '{}' behind it, {:.0f} x wider than its "
                           "own values need",
                           concat, covered / seen),
               fmt::format("--exclude '{}'", concat)};
}

std::optional<Cause> find(const LayerComparison& layer) {
  return layer.op_type == "Concat" ? of_concat(layer) : before_concat(layer);
}

}  // namespace

const CauseRule& shared_concat_scale_cause() {
  static constexpr CauseRule kRule{
      "shared-concat-scale", "tensors of very different magnitude joined under one scale", find};
  return kRule;
}

}  // namespace octavo
