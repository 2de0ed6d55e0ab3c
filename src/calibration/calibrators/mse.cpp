#include <limits>

#include "calibration/calibrator.h"
#include "calibration/expected_error.h"

namespace octavo {
namespace {

constexpr int kSteps = 80;          // candidates a side and round
constexpr double kNarrowest = 0.2;  // of the full width
constexpr int kResolution = 4096;

// Tries `kSteps` multiples of one or both ends and keeps the best.
class Search {
 public:
  Search(const Sketch& sketch, const Scheme& scheme)
      : bins_(coarsen(sketch.bins(), kResolution)),
        scheme_(scheme),
        best_{sketch.min(), sketch.max()},
        error_(expected_squared_error(bins_, best_, scheme)) {}

  void scan(bool min_moves, bool max_moves) {
    const Range from = best_;
    for (int step = 1; step < kSteps; ++step) {
      const double factor = 1 - (1 - kNarrowest) * step / kSteps;
      const Range candidate{min_moves ? from.min * factor : from.min,
                            max_moves ? from.max * factor : from.max};
      const double error = expected_squared_error(bins_, candidate, scheme_);
      if (error >= error_) continue;
      best_ = candidate;
      error_ = error;
    }
  }

  const Range& best() const { return best_; }

 private:
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
        search.scan(true, true);
        const bool two_sided = sketch.min() < 0 && sketch.max() > 0;
        if (two_sided && input.scheme.symmetry == Symmetry::kAsymmetric) {
          search.scan(false, true);
          search.scan(true, false);
        }
        return {search.best(), {"mse", {}}};
      }};
  return kCalibrator;
}

}  // namespace octavo
