#include "search/noise_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <random>
#include <string>

#include "octavo/error.h"

namespace octavo {
namespace {

// So many noisy answers in all tell half a point from none.
constexpr std::size_t kFewestAnswers = 4000;
constexpr int kBisections = 14;
constexpr double kWeakest = 1e-5;  // of the scores' spread
constexpr double kStrongest = 10;
constexpr double kSmallestProbability = 1e-12;
constexpr double kSumTolerance = 1e-3;

// Box and Muller (Annals of Mathematical Statistics 29, 1958): the standard library's own differs
// between its implementations.
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : random_(seed) {}
  double next() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  double uniform() { return static_cast<double>(random_() >> 11U) * 0x1p-53; }
  std::mt19937_64 random_;
};

// One sample's scores before the softmax, if there is one.
struct Scores {
  std::vector<double> logits;
  bool are_probabilities = false;
};

Scores scores_of(const Tensor& output) {
  Scores scores;
  for (std::size_t i = 0; i < output.size(); ++i) scores.logits.push_back(output.at(i));
  const double sum = std::accumulate(scores.logits.begin(), scores.logits.end(), 0.0);
  const double lowest = *std::min_element(scores.logits.begin(), scores.logits.end());
  scores.are_probabilities = lowest >= 0 && std::abs(sum - 1) <= kSumTolerance;
  if (!scores.are_probabilities) return scores;
  for (double& score : scores.logits) score = std::log(std::max(score, kSmallestProbability));
  return scores;
}

std::size_t best_of(std::span<const double> scores) {
  return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

// Standard deviation of a sample's scores, the median over the samples: one sure sample does not
// decide it.
double spread_of(std::span<const Scores> samples) {
  std::vector<double> spreads;
  for (const Scores& sample : samples) {
    const auto count = static_cast<double>(sample.logits.size());
    const double mean = std::accumulate(sample.logits.begin(), sample.logits.end(), 0.0) / count;
    double squares = 0;
    for (const double score : sample.logits) squares += (score - mean) * (score - mean);
    spreads.push_back(std::sqrt(squares / count));
  }
  const auto middle = spreads.begin() + static_cast<std::ptrdiff_t>(spreads.size() / 2);
  std::nth_element(spreads.begin(), middle, spreads.end());
  return *middle;
}

Tensor as_output(const Scores& scores, const Shape& shape) {
  std::vector<double> values = scores.logits;
  if (scores.are_probabilities) {
    const double highest = *std::max_element(values.begin(), values.end());
    for (double& value : values) value = std::exp(value - highest);
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    for (double& value : values) value /= sum;
  }
  return Tensor::of<double>(shape, values);
}

std::string text_of(const Tensor& tensor) {
  return fmt::format("{}{}", traits(tensor.dtype()).name, to_string(tensor.shape()));
}

class Noise {
 public:
  Noise(const Metric& metric, std::span<const std::vector<Tensor>* const> outputs)
      : metric_(metric), outputs_(outputs), draws_((kFewestAnswers - 1) / outputs.size() + 1) {
    for (const std::vector<Tensor>* sample : outputs) {
      require_classes(*sample);
      samples_.push_back(scores_of(sample->front()));
    }
    spread_ = spread_of(samples_);
  }

  // The same draws at any strength, so that more noise changes more.
  double changed_at(double strength) const {
    Normal normal(1);
    std::size_t changed = 0;
    for (std::size_t draw = 0; draw < draws_; ++draw) {
      for (const Scores& sample : samples_) {
        const Scores found = noisy(sample, strength, normal);
        changed += best_of(found.logits) != best_of(sample.logits) ? 1 : 0;
      }
    }
    return static_cast<double>(changed) / static_cast<double>(draws_ * samples_.size());
  }

  double value_at(double strength) const {
    Normal normal(1);
    std::vector<SampleScore> scores;
    for (std::size_t draw = 0; draw < draws_; ++draw) {
      for (std::size_t i = 0; i < samples_.size(); ++i) {
        const Shape& shape = outputs_[i]->front().shape();
        const Tensor output = as_output(noisy(samples_[i], strength, normal), shape);
        const Tensor reference = as_output(samples_[i], shape);
        scores.push_back(metric_.score({{&output, 1}, {&reference, 1}, {}, "noise"}));
      }
    }
    return metric_.combine(scores).value;
  }

 private:
  static void require_classes(const std::vector<Tensor>& outputs) {
    if (outputs.empty() || outputs.front().size() < 2 ||
        traits(outputs.front().dtype()).is_integer()) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("points of accuracy say how much noise scores of two or more classes "
                              "bear, and the first output is {}; expected the metric's value that "
                              "must be left instead",
                              outputs.empty() ? "missing" : text_of(outputs.front())));
    }
  }

  Scores noisy(const Scores& sample, double strength, Normal& normal) const {
    Scores found = sample;
    for (double& score : found.logits) score += strength * spread_ * normal.next();
    return found;
  }

  const Metric& metric_;
  std::span<const std::vector<Tensor>* const> outputs_;
  std::size_t draws_;  // of noise, for each sample
  std::vector<Scores> samples_;
  double spread_ = 0;
};

}  // namespace

double noise_limit(const Metric& metric, std::span<const std::vector<Tensor>* const> float_outputs,
                   double changed) {
  const Noise noise(metric, float_outputs);
  double bearable = std::log(kWeakest);
  double too_strong = std::log(kStrongest);
  for (int i = 0; i < kBisections; ++i) {
    const double middle = (bearable + too_strong) / 2;
    (noise.changed_at(std::exp(middle)) <= changed ? bearable : too_strong) = middle;
  }
  return noise.value_at(std::exp(bearable));
}

}  // namespace octavo
