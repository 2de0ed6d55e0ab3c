#include "calibration/expected_error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace octavo {

double expected_error(std::span<const Sketch::Bin> bins, ScaleZeroPoint params, CodeRange codes,
                      double cap) {
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
        std::clamp(std::nearbyint(value / scale) * scale, lowest, highest) - value;
    const bool spread = inside && bin.upper - bin.lower > scale;
    const double squared = spread ? scale * scale / 12 : difference * difference;
    sum += weight * std::min(squared, largest);
  }
  return count == 0 ? 0 : sum / count;
}

double expected_capped_error(std::span<const Sketch::Bin> bins, const Range& range,
                             const Scheme& scheme, double cap) {
  return expected_error(bins, choose_params(range, scheme), code_range(scheme), cap);
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
