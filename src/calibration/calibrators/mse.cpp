#include <algorithm>
#include <vector>

#include "calibration/calibrator.h"
#include "calibration/expected_error.h"

namespace octavo {
namespace {

constexpr int kSteps = 80;          // candidates a side and round
constexpr double kNarrowest = 0.2;  // of the full width
constexpr int kResolution = 4096;

// Tries kSteps limits for one or both ends and keeps the best.
class Search {
 public:
  Search(const Sketch& sketch, const Scheme& scheme)
      : bins_(coarsen(sketch.bins(), kResolution)),
        scheme_(scheme),
        best_{std::min(0.0F, sketch.min()), std::max(0.0F, sketch.max())},
        error_(expected_squared_error(bins_, best_, scheme)) {}

  // One limit on the magnitude of both ends.
  void scan_both() {
    const Range from = best_;
    const double largest = std::max(-from.min, from.max);
    for_each_factor([&](double factor) {
      try_range({std::max(from.min, -largest * factor), std::min(from.max, largest * factor)});
    });
  }
  void scan_min() {
    const Range from = best_;
    for_each_factor([&](double factor) { try_range({from.min * factor, from.max}); });
  }
  void scan_max() {
    const Range from = best_;
    for_each_factor([&](double factor) { try_range({from.min, from.max * factor}); });
  }

  const Range& best() const { return best_; }

 private:
  template <typename Try>
  static void for_each_factor(const Try& attempt) {
    for (int step = 1; step < kSteps; ++step) attempt(1 - (1 - kNarrowest) * step / kSteps);
  }

  void try_range(const Range& candidate) {
    const double error = expected_squared_error(bins_, candidate, scheme_);
    if (error >= error_) return;
    best_ = candidate;
    error_ = error;
  }

  std::vector<Sketch::Bin> bins_;
  const Scheme& scheme_;
  Range best_;
  double error_;
};

}  // namespace

const Calibrator& mse_calibrator() {
  static const Calibrator kCalibrator = {
      "mse",
      "least mean squared error of rounding and clipping together, searched on the histogram",
      {},
      [](const CalibratorInput& input) -> CalibratedRange {
        const Sketch& sketch = input.statistics.sketch();
        Search search(sketch, input.scheme);
        search.scan_both();
        const bool two_sided = sketch.min() < 0 && sketch.max() > 0;
        if (two_sided && input.scheme.symmetry == Symmetry::kAsymmetric) {
          search.scan_max();
          search.scan_min();
        }
        return {search.best(), {"mse", {}}};
      }};
  return kCalibrator;
}

}  // namespace octavo
