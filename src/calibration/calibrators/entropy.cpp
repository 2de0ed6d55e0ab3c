#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "calibration/calibrator.h"

// Source: S. Migacz, "8-bit Inference with TensorRT", GTC 2017: the clipping threshold whose
// quantized distribution diverges least (Kullback-Leibler) from the unclipped one. Here the window
// is scaled on both sides of zero alike, so that asymmetric ranges work too, and zeros are left
// out: they are exact under every candidate and would only hide what happens to the rest.

namespace octavo {
namespace {

// Evenly spaced counts over [min, max].
std::vector<double> uniform_histogram(const Sketch& sketch, std::size_t bin_count) {
  std::vector<double> counts(bin_count, 0);
  const double min = std::min(0.0F, sketch.min());
  const double width = (std::max(0.0F, sketch.max()) - min) / static_cast<double>(bin_count);
  for (const Sketch::Bin& bin : sketch.bins()) {
    if (bin.middle() == 0) continue;
    // A log-linear bin may span several even ones: its count is spread over them.
    const double first = (bin.lower - min) / width;
    const double last = std::max((bin.upper - min) / width, first + 1e-9);
    for (double at = first; at < last;) {
      const double next = std::min(std::floor(at) + 1, last);
      const auto index = std::min(static_cast<std::size_t>(at), bin_count - 1);
      counts[index] += static_cast<double>(bin.count) * (next - at) / (last - first);
      at = next;
    }
  }
  return counts;
}

// The window [first, last) with everything outside added to its end bins.
std::vector<double> clipped(const std::vector<double>& counts, std::size_t first,
                            std::size_t last) {
  std::vector<double> window(counts.begin() + static_cast<std::ptrdiff_t>(first),
                             counts.begin() + static_cast<std::ptrdiff_t>(last));
  for (std::size_t i = 0; i < first; ++i) window.front() += counts[i];
  for (std::size_t i = last; i < counts.size(); ++i) window.back() += counts[i];
  return window;
}

// Each of `levels` groups of bins gets one mean, spread over those of its bins that hold something.
std::vector<double> requantized(const std::vector<double>& counts, std::size_t first,
                                std::size_t last, std::size_t levels) {
  const std::size_t size = last - first;
  std::vector<double> result(size, 0);
  for (std::size_t level = 0; level < levels; ++level) {
    const std::size_t begin = level * size / levels;
    const std::size_t end = (level + 1) * size / levels;
    double sum = 0;
    double filled = 0;
    for (std::size_t i = begin; i < end; ++i) {
      sum += counts[first + i];
      if (counts[first + i] > 0) ++filled;
    }
    for (std::size_t i = begin; i < end; ++i) {
      if (counts[first + i] > 0) result[i] = sum / filled;
    }
  }
  return result;
}

double divergence(const std::vector<double>& p, const std::vector<double>& q) {
  double p_sum = 0;
  double q_sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    p_sum += p[i];
    q_sum += q[i];
  }
  if (q_sum == 0) return std::numeric_limits<double>::max();
  constexpr double kFloor = 1e-9;  // a bin that only clipping filled
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] <= 0) continue;
    sum += p[i] / p_sum * std::log(p[i] / p_sum / std::max(q[i] / q_sum, kFloor));
  }
  return sum;
}

CalibratedRange entropy_range(const CalibratorInput& input) {
  const Sketch& sketch = input.statistics.sketch();
  const auto bin_count = static_cast<std::size_t>(input.parameters[0]);
  const auto levels = static_cast<std::size_t>(input.parameters[1]);
  const CalibratorSpec chosen{"entropy", {input.parameters.begin(), input.parameters.end()}};
  const double min = std::min(0.0F, sketch.min());
  const double max = std::max(0.0F, sketch.max());
  if (min == max || levels >= bin_count) return {{sketch.min(), sketch.max()}, chosen};
  const std::vector<double> counts = uniform_histogram(sketch, bin_count);
  const double bin_width = (max - min) / static_cast<double>(bin_count);
  const double largest = std::max(-min, max);
  Range best{sketch.min(), sketch.max()};
  double least = std::numeric_limits<double>::max();
  // A limit on the magnitude of both ends, from everything down to one bin a level.
  const std::size_t candidates = (bin_count - levels) / std::max<std::size_t>(levels / 16, 1);
  for (std::size_t candidate = 0; candidate <= candidates; ++candidate) {
    const double share = static_cast<double>(candidate) / static_cast<double>(candidates);
    const double narrowest = static_cast<double>(levels) * bin_width / (max - min);
    const double limit = largest * (1 - (1 - narrowest) * share);
    const Range range{std::max(min, -limit), std::min(max, limit)};
    const auto first = static_cast<std::size_t>(std::floor((range.min - min) / bin_width));
    const auto last =
        std::min(bin_count, static_cast<std::size_t>(std::ceil((range.max - min) / bin_width)));
    if (last <= first) break;
    const double found =
        divergence(clipped(counts, first, last),
                   requantized(counts, first, last, std::min(levels, last - first)));
    if (found >= least) continue;
    least = found;
    best = {std::max<double>(sketch.min(), range.min), std::min<double>(sketch.max(), range.max)};
  }
  return {best, chosen};
}

}  // namespace

const Calibrator& entropy_calibrator() {
  static const Calibrator kCalibrator = {
      "entropy",
      "least Kullback-Leibler divergence after clipping and quantizing; the numbers are the "
      "histogram's bins (2048) and the levels compared (128)",
      {{"bins", 2048, 256, 65536}, {"levels", 128, 4, 4096}},
      entropy_range};
  return kCalibrator;
}

}  // namespace octavo
