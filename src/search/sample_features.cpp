#include "search/sample_features.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>

#include "core/parallel_for.h"
#include "runtime/session_pool.h"

namespace octavo {
namespace {

constexpr std::size_t kProjected = 256;
constexpr std::size_t kNumbersOfATensor = 4;

std::array<float, kNumbersOfATensor> numbers_of(const TensorView& view) {
  const DTypeTraits& type = traits(view.dtype);
  const std::size_t count = element_count(view.shape);
  double sum = 0;
  double squares = 0;
  double min = 0;
  double max = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double value = type.decode(view.bytes.data(), i);
    if (!std::isfinite(value)) continue;
    sum += value;
    squares += value * value;
    min = std::min(min, value);
    max = std::max(max, value);
  }
  const auto n = static_cast<double>(std::max<std::size_t>(count, 1));
  return {static_cast<float>(sum / n), static_cast<float>(std::sqrt(squares / n)),
          static_cast<float>(min), static_cast<float>(max)};
}

// Adds each element, with a sign of its own, to one of kProjected sums, both by the hash of where
// it stands.
std::vector<float> project(const std::vector<Tensor>& inputs) {
  std::vector<double> sums(kProjected, 0.0);
  std::uint64_t state = 0;
  for (const Tensor& input : inputs) {
    const auto decode = traits(input.dtype()).decode;
    for (std::size_t i = 0; i < input.size(); ++i) {
      // SplitMix64: a hash of the running position.
      std::uint64_t mixed = (state += 0x9E3779B97F4A7C15U);
      mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
      mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
      mixed ^= mixed >> 31U;
      const double value = decode(input.bytes().data(), i);
      sums[mixed % kProjected] += (mixed >> 63U) != 0 ? value : -value;
    }
  }
  return {sums.begin(), sums.end()};
}

std::uint64_t hash_of(const std::vector<Tensor>& inputs) {
  std::uint64_t hash = 0;
  for (const Tensor& input : inputs) {
    hash = XXH64(input.bytes().data(), input.bytes().size(), hash);
  }
  return hash;
}

enum class Scaling : std::uint8_t { kCenter, kStandardize };

void standardize(Points& points, Scaling scaling) {
  const auto n = static_cast<double>(points.size());
  for (std::size_t d = 0; d < points[0].size(); ++d) {
    double sum = 0;
    double squares = 0;
    for (const auto& point : points) {
      const auto value = static_cast<double>(point[d]);
      sum += value;
      squares += value * value;
    }
    const double mean = sum / n;
    const double deviation = std::sqrt(std::max(0.0, squares / n - mean * mean));
    const bool flat = deviation <= 1e-6 * std::abs(mean);
    const double divisor = scaling == Scaling::kCenter || flat ? 1 : deviation;
    for (auto& point : points) {
      const double centered = static_cast<double>(point[d]) - mean;
      point[d] =
          flat && scaling == Scaling::kStandardize ? 0.0F : static_cast<float>(centered / divisor);
    }
  }
}

// Workers take samples one by one; each result has its own place.
class Collector {
 public:
  Collector(const CalibrationTask& task, const Dataset& dataset, const Executor& executor,
            const SelectionOptions& options)
      : task_(task), dataset_(dataset), executor_(executor), options_(options) {
    features_.activations.resize(dataset.size());
    features_.inputs.resize(dataset.size());
    features_.hashes.resize(dataset.size());
  }

  SampleFeatures run() {
    SessionOptions session_options;
    session_options.outputs = task_.tensors;
    SessionPool sessions(executor_, task_.model, session_options, options_.threads,
                         dataset_.size());
    parallel_for(dataset_.size(), options_.threads, [&]() -> Round {
      return [this, session = sessions.lend()](std::size_t i) {
        describe(i, *session);
        report_progress();
      };
    });
    standardize(features_.activations, Scaling::kStandardize);
    standardize(features_.inputs, Scaling::kCenter);
    return std::move(features_);
  }

 private:
  void report_progress() {
    const std::scoped_lock lock(mutex_);
    if (options_.progress) options_.progress(++done_, dataset_.size());
  }

  void describe(std::size_t index, Session& session) {
    const Sample sample = dataset_.at(index);
    features_.inputs[index] = project(sample.inputs);
    features_.hashes[index] = hash_of(sample.inputs);
    std::vector<float>& numbers = features_.activations[index];
    numbers.resize(kNumbersOfATensor * task_.tensors.size());
    session.run(sample.inputs, [&](std::size_t output, const TensorView& view) {
      const auto found = numbers_of(view);
      std::copy(found.begin(), found.end(), &numbers[output * kNumbersOfATensor]);
    });
  }

  const CalibrationTask& task_;
  const Dataset& dataset_;
  const Executor& executor_;
  const SelectionOptions& options_;
  SampleFeatures features_;
  std::mutex mutex_;
  std::size_t done_ = 0;
};

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return static_cast<double>(sum);
}

}  // namespace

SampleFeatures sample_features(const CalibrationTask& task, const Dataset& dataset,
                               const Executor& executor, const SelectionOptions& options) {
  return Collector(task, dataset, executor, options).run();
}

std::vector<AlikeSamples> alike_samples(const SampleFeatures& features, double alike_above) {
  const Points& inputs = features.inputs;
  std::vector<double> lengths;
  for (const auto& input : inputs) lengths.push_back(std::sqrt(dot(input, input)));
  std::vector<AlikeSamples> pairs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t j = i + 1; j < inputs.size(); ++j) {
      const double product = lengths[i] * lengths[j];
      double correlation = product == 0 ? 0 : dot(inputs[i], inputs[j]) / product;
      if (features.hashes[i] == features.hashes[j]) correlation = 1;
      if (correlation > alike_above) pairs.push_back({i, j, std::min(correlation, 1.0)});
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const AlikeSamples& a, const AlikeSamples& b) {
    return std::tuple(b.correlation, a.first, a.second) <
           std::tuple(a.correlation, b.first, b.second);
  });
  return pairs;
}

}  // namespace octavo
