#include "calibration/expected_error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace octavo {

namespace {

// The number of steps that `type` holds nearest to `steps`; of an integer type, unbounded.
double nearest(double steps, const DTypeTraits& type) {
  if (type.is_integer()) return std::nearbyint(steps);
  std::array<std::byte, sizeof(double)> code{};
  type.encode(code.data(), 0, steps);
  return type.decode(code.data(), 0);
}

}  // namespace

double expected_error(std::span<const Sketch::Bin> bins, ScaleZeroPoint params,
                      const Scheme& scheme, double cap) {
  const DTypeTraits& type = traits(scheme.dtype);
  const CodeRange codes = code_range(scheme);
  const auto scale = static_cast<double>(params.scale);
  const double lowest = (codes.min - params.zero_point) * scale;
  const double highest = (codes.max - params.zero_point) * scale;
  const double largest = cap * cap;
  double sum = 0;
  double count = 0;
  for (const Sketch::Bin& bin : bins) {
    const double value = bin.middle();
    const auto weight = static_cast<double>(bin.count);
    count += weight;
    if (value == 0) continue;  // exact under every quantizer
    const bool inside = value >= lowest && value <= highest;
    const double difference =
        std::clamp(nearest(value / scale, type) * scale, lowest, highest) - value;
    const bool spread = type.is_integer() && inside && bin.upper - bin.lower > scale;
    const double squared = spread ? scale * scale / 12 : difference * difference;
    sum += weight * std::min(squared, largest);
  }
  return count == 0 ? 0 : sum / count;
}

double expected_capped_error(std::span<const Sketch::Bin> bins, const Range& range,
                             const Scheme& scheme, double cap) {
  return expected_error(bins, choose_params(range, scheme), scheme, cap);
}

double expected_squared_error(std::span<const Sketch::Bin> bins, const Range& range,
                              const Scheme& scheme) {
  return expected_capped_error(bins, range, scheme, std::numeric_limits<double>::infinity());
}

std::vector<Sketch::Bin> coarsen(std::span<const Sketch::Bin> bins, int resolution) {
  std::vector<Sketch::Bin> result;
  if (bins.empty()) return result;
  const double width = (bins.back().upper - bins.front().lower) / resolution;
  for (const Sketch::Bin& bin : bins) {
    const bool zero = bin.lower == 0 && bin.upper == 0;
    const bool joins = !result.empty() && !zero && result.back().upper != 0 &&
                       bin.upper - result.back().lower <= width;
    if (joins) {
      result.back().upper = bin.upper;
      result.back().count += bin.count;
    } else {
      result.push_back(bin);
    }
  }
  return result;
}

}  // namespace octavo
