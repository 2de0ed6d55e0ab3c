#include "train/best_evaluation.h"

#include <algorithm>
#include <cmath>

namespace octavo {
namespace {

// Of a share of `samples`; as if one more were right and one more wrong, lest none or all be
// certain.
double standard_error(double share, std::size_t samples) {
  const auto count = static_cast<double>(samples);
  const double likely = (share * count + 1) / (count + 2);
  return std::sqrt(likely * (1 - likely) / count);
}

}  // namespace

std::size_t best_evaluation(std::span<const TrainingEvaluation> evaluations, std::size_t samples) {
  std::size_t best = 0;
  double highest = evaluations.front().value;
  for (std::size_t i = 1; i < evaluations.size(); ++i) {
    highest = std::max(highest, evaluations[i].value);
    const double enough = highest - standard_error(highest, samples);
    if (evaluations[i].value < enough) continue;
    const bool best_fell_behind = evaluations[best].value < enough;
    if (best_fell_behind || evaluations[i].loss <= evaluations[best].loss) best = i;
  }
  return best;
}

}  // namespace octavo
