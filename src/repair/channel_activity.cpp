#include "repair/channel_activity.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace octavo {
namespace {

// Sums over values.
struct Tally {
  std::vector<double> largest;
  std::vector<double> squares;
  std::vector<double> active;
  std::vector<double> count;

  void resize(std::size_t channels) {
    for (auto* values : {&largest, &squares, &active, &count}) values->resize(channels, 0);
  }

  void add(std::size_t channel, std::span<const float> values, double bound) {
    if (largest.size() <= channel) resize(channel + 1);
    for (const float value : values) {
      const auto number = static_cast<double>(value);
      if (!std::isfinite(number)) continue;
      largest[channel] = std::max(largest[channel], std::abs(number));
      squares[channel] += number * number;
      active[channel] += number > 0 && number < bound ? 1 : 0;
      ++count[channel];
    }
  }

  void add(const Tally& other) {
    resize(std::max(largest.size(), other.largest.size()));
    for (std::size_t c = 0; c < other.largest.size(); ++c) {
      largest[c] = std::max(largest[c], other.largest[c]);
      squares[c] += other.squares[c];
      active[c] += other.active[c];
      count[c] += other.count[c];
    }
  }
};

ChannelActivity activity_of(const Tally& tally, std::size_t samples) {
  ChannelActivity result{tally.largest, tally.squares, tally.active, 1};
  double values = 0;
  for (std::size_t c = 0; c < tally.count.size(); ++c) {
    result.mean_square[c] /= std::max(tally.count[c], 1.0);
    result.active[c] /= std::max(tally.count[c], 1.0);
    values += tally.count[c];
  }
  const auto rows = static_cast<double>(std::max<std::size_t>(samples * tally.count.size(), 1));
  result.positions = std::max(values / rows, 1.0);
  return result;
}

}  // namespace

std::vector<ChannelActivity> channel_activity(const StagedRun& run, const Model& model,
                                              std::span<const MeasuredTensor> tensors) {
  std::vector<std::string> names;
  for (const MeasuredTensor& measured : tensors) names.push_back(measured.tensor.tensor);
  std::vector<std::vector<Tally>> tallies(tensors.size(), std::vector<Tally>(run.samples()));
  run.observe(model, names, [&](std::size_t sample, std::size_t tensor, const TensorView& values) {
    for_each_channel_slice(values, tensors[tensor].tensor,
                           [&](std::size_t channel, std::span<const float> slice) {
                             tallies[tensor][sample].add(channel, slice, tensors[tensor].bound);
                           });
  });
  std::vector<ChannelActivity> result;
  for (const std::vector<Tally>& of_samples : tallies) {
    Tally all;  // added in the order of samples: the same at any number of threads
    for (const Tally& tally : of_samples) all.add(tally);
    result.push_back(activity_of(all, run.samples()));
  }
  return result;
}

}  // namespace octavo
