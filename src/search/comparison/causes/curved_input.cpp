#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

// These bend within a few units: half a step of this changes exp() by 5 %.
constexpr double kCoarseStep = 0.1;
constexpr std::array<std::string_view, 8> kCurved = {"Erf",     "Exp",     "Gelu",     "LogSoftmax",
                                                     "Sigmoid", "Softmax", "Softplus", "Tanh"};

std::optional<Cause> find(const LayerComparison& layer) {
  if (!layer.quantizer || layer.quantizer->scale < kCoarseStep) return std::nullopt;
  const auto curved = std::find_first_of(layer.reader_types.begin(), layer.reader_types.end(),
                                         kCurved.begin(), kCurved.end());
  if (curved == layer.reader_types.end()) return std::nullopt;
  const auto place = static_cast<std::size_t>(curved - layer.reader_types.begin());
  return Cause{"curved-input",
               fmt::format("its result goes into the {} '{}' in steps of {:.2g}: a few outliers "
                           "set the range, and the bend gets hardly any codes",
                           *curved, layer.readers[place], layer.quantizer->scale),
               fmt::format("--exclude '{}'", layer.node)};
}

}  // namespace

const CauseRule& curved_input_cause() {
  static constexpr CauseRule kRule{
      "curved-input", "steps too coarse for the Softmax, GELU or the like that reads them", find};
  return kRule;
}

}  // namespace octavo
