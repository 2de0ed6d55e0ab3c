#include "search/expected_loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "octavo/error.h"

namespace octavo {
namespace {

constexpr double kSmallestProbability = 1e-12;
constexpr double kSumTolerance = 1e-3;
constexpr std::size_t kFewestNeighbours = 8;
constexpr std::size_t kPartOfNeighbours = 20;

std::vector<double> scores_of(const Tensor& output, std::string_view sample) {
  if (output.size() < 2 || traits(output.dtype()).is_integer()) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{}: points of accuracy are lost by scores of two or more classes, and "
                            "the first output is {}{}; expected the metric's value that must be "
                            "left instead (--min-accuracy)",
                            sample, traits(output.dtype()).name, to_string(output.shape())));
  }
  std::vector<double> scores;
  for (std::size_t i = 0; i < output.size(); ++i) scores.push_back(output.at(i));
  return scores;
}

bool are_probabilities(std::span<const double> scores) {
  const double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
  return *std::min_element(scores.begin(), scores.end()) >= 0 && std::abs(sum - 1) <= kSumTolerance;
}

void to_logits(std::vector<double>& scores) {
  for (double& score : scores) score = std::log(std::max(score, kSmallestProbability));
}

double margin_of(std::span<const double> scores, std::size_t own) {
  double others = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::isnan(scores[i])) return scores[i];
    if (i != own) others = std::max(others, scores[i]);
  }
  return scores[own] - others;
}

// How likely the float model takes its own class to be the right one of the two highest.
double belief(const AnswerMargin& margin) { return 1 / (1 + std::exp(-margin.before)); }

// Whether a sample with this margin would get another class by what happened to its neighbour's.
bool turns(double before, const AnswerMargin& neighbour) {
  if (neighbour.after == neighbour.before) return false;  // infinite ones too
  return !(before + neighbour.after - neighbour.before >= 0);
}

}  // namespace

AnswerMargin answer_margin(const Tensor& float_output, const Tensor& output,
                           std::string_view sample) {
  std::vector<double> before = scores_of(float_output, sample);
  std::vector<double> after = scores_of(output, sample);
  if (after.size() != before.size()) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{}: {} scores to compare with the float model's {}", sample,
                            after.size(), before.size()));
  }
  if (are_probabilities(before)) {
    to_logits(before);
    to_logits(after);
  }
  const auto own =
      static_cast<std::size_t>(std::max_element(before.begin(), before.end()) - before.begin());
  return {margin_of(before, own), margin_of(after, own)};
}

double expected_loss(std::span<const AnswerMargin> margins) {
  std::vector<AnswerMargin> sorted;
  // A sample without an answer has none to lose.
  std::copy_if(margins.begin(), margins.end(), std::back_inserter(sorted),
               [](const AnswerMargin& margin) { return !std::isnan(margin.before); });
  std::stable_sort(sorted.begin(), sorted.end(), [](const AnswerMargin& a, const AnswerMargin& b) {
    return a.before < b.before;
  });
  const std::size_t count = sorted.size();
  const std::size_t neighbours =
      std::min(count, std::max(kFewestNeighbours, count / kPartOfNeighbours));
  double lost = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t first = std::min(i - std::min(i, neighbours / 2), count - neighbours);
    std::size_t turned = 0;
    for (std::size_t k = first; k < first + neighbours; ++k) {
      turned += turns(sorted[i].before, sorted[k]) ? 1 : 0;
    }
    lost += belief(sorted[i]) * static_cast<double>(turned) / static_cast<double>(neighbours);
  }
  return margins.empty() ? 0 : lost / static_cast<double>(margins.size());
}

}  // namespace octavo
