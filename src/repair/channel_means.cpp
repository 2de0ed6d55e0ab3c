#include "repair/channel_means.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace octavo {
namespace {

struct FiniteSum {
  double sum = 0;
  std::int64_t count = 0;
};

FiniteSum careful_sum(std::span<const float> values) {
  FiniteSum result;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    result.sum += static_cast<double>(value);
    ++result.count;
  }
  return result;
}

// In lanes that do not wait for each other, and without a look at each value: one that is not
// finite shows in the sum.
FiniteSum finite_sum(std::span<const float> values) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> lanes = {};
  const std::size_t whole = values.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] += static_cast<double>(values[i + lane]);
    }
  }
  FiniteSum result{0, static_cast<std::int64_t>(values.size())};
  for (const double lane : lanes) result.sum += lane;
  for (const float value : values.subspan(whole)) result.sum += static_cast<double>(value);
  return std::isfinite(result.sum) ? result : careful_sum(values);
}

std::vector<double> means_of(const TensorView& view, const ChannelTensor& tensor) {
  std::vector<double> means;
  std::vector<std::int64_t> counts;
  const auto grow = [&](std::size_t channel) {
    if (channel < means.size()) return;
    means.resize(channel + 1, 0);
    counts.resize(channel + 1, 0);
  };
  for_each_channel_slice(view, tensor, [&](std::size_t channel, std::span<const float> values) {
    grow(channel);
    const FiniteSum found = finite_sum(values);
    means[channel] += found.sum;
    counts[channel] += found.count;
  });
  for (std::size_t c = 0; c < means.size(); ++c) {
    means[c] /= static_cast<double>(std::max<std::int64_t>(counts[c], 1));
  }
  return means;
}

}  // namespace

std::vector<ChannelMeans> channel_means(const StagedRun& run, const Model& model,
                                        std::span<const ChannelTensor> tensors) {
  std::vector<std::string> names;
  for (const ChannelTensor& tensor : tensors) names.push_back(tensor.tensor);
  std::vector<ChannelMeans> result(tensors.size(), ChannelMeans(run.samples()));
  run.observe(model, names, [&](std::size_t sample, std::size_t tensor, const TensorView& values) {
    result[tensor][sample] = means_of(values, tensors[tensor]);
  });
  return result;
}

std::vector<double> shrunk_difference(const ChannelMeans& a, const ChannelMeans& b) {
  const std::size_t samples = a.size();
  std::vector<double> result(samples == 0 ? 0 : a.front().size(), 0);
  for (std::size_t c = 0; c < result.size(); ++c) {
    double sum = 0;
    double squares = 0;
    for (std::size_t s = 0; s < samples; ++s) {
      const double difference = a[s][c] - b[s][c];
      sum += difference;
      squares += difference * difference;
    }
    const double count = static_cast<double>(samples);
    const double mean = sum / count;
    const double variance = std::max(squares / count - mean * mean, 0.0) / std::max(count - 1, 1.0);
    if (mean != 0) result[c] = mean * std::max(1 - variance / (mean * mean), 0.0);
  }
  return result;
}

}  // namespace octavo
