#include "repair/balance_channels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "repair/channel_matrix.h"

namespace octavo {
namespace {

constexpr int kMaxSweeps = 50;
constexpr double kSettled = 1e-3;  // in the logarithm: a tenth of a percent
// A factor of a million either way: what is beyond is a channel as good as dead.
constexpr double kMaxLogScale = 13.8;
constexpr double kNothing = -std::numeric_limits<double>::infinity();

// The largest magnitude that joins an output channel to an input channel, as a logarithm, and what
// the channels have been scaled by so far.
class LayerRanges {
 public:
  explicit LayerRanges(const LinearNode& layer)
      : log_magnitudes_(layer, kNothing,
                        [](double largest, double weight) {
                          return weight == 0 ? largest
                                             : std::max(largest, std::log(std::abs(weight)));
                        }),
        rows_(layer.output_channels, 0),
        columns_(layer.input_channels, 0) {}

  double row(std::size_t output) const {
    double largest = kNothing;
    const std::size_t first = log_magnitudes_.first_input(output);
    for (std::size_t i = first; i < first + log_magnitudes_.inputs_per_group(); ++i) {
      largest = std::max(largest, log_magnitudes_.at(output, i) - columns_[i]);
    }
    return largest + rows_[output];
  }

  double column(std::size_t input) const {
    double largest = kNothing;
    const std::size_t first = log_magnitudes_.first_output(input);
    for (std::size_t o = first; o < first + log_magnitudes_.outputs_per_group(); ++o) {
      largest = std::max(largest, log_magnitudes_.at(o, input) + rows_[o]);
    }
    return largest - columns_[input];
  }

  void scale_row(std::size_t output, double log_scale) { rows_[output] += log_scale; }
  // By its inverse.
  void scale_column(std::size_t input, double log_scale) { columns_[input] += log_scale; }

 private:
  ChannelMatrix log_magnitudes_;
  std::vector<double> rows_;
  std::vector<double> columns_;
};

// The mean over the sides that have weights: layers differ in size, but by the same factor for all
// channels of a tensor, and such a factor changes nothing.
template <typename Range>
std::optional<double> mean_log(const std::vector<LayerChannel>& ends, Range range) {
  double sum = 0;
  int count = 0;
  for (const LayerChannel& end : ends) {
    const double log_range = range(end);
    if (log_range == kNothing) continue;
    sum += log_range;
    ++count;
  }
  return count == 0 ? std::nullopt : std::optional(sum / count);
}

class Balancer {
 public:
  Balancer(const ChannelClasses& channels, const std::vector<LogLimits>& limits)
      : channels_(channels), limits_(limits), log_scales_(channels.classes.size(), 0) {
    for (const LinearNode& layer : channels.layers) ranges_.emplace_back(layer);
  }

  std::vector<double> run() {
    for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
      double moved = 0;
      for (std::size_t i = 0; i < log_scales_.size(); ++i) moved = std::max(moved, balance(i));
      if (moved < kSettled) break;
    }
    return log_scales_;
  }

 private:
  double balance(std::size_t index) {
    const ChannelClass& entry = channels_.classes[index];
    const auto written = mean_log(entry.writers, [&](const LayerChannel& end) {
      return ranges_[end.layer].row(end.channel);
    });
    const auto read = mean_log(entry.readers, [&](const LayerChannel& end) {
      return ranges_[end.layer].column(end.channel);
    });
    if (!written || !read) return 0;
    const double wanted = log_scales_[index] + (*read - *written) / 2;
    const double allowed = std::clamp(wanted, limits_[index].min, limits_[index].max);
    const double change = std::clamp(allowed, -kMaxLogScale, kMaxLogScale) - log_scales_[index];
    log_scales_[index] += change;
    for (const LayerChannel& end : entry.writers) ranges_[end.layer].scale_row(end.channel, change);
    for (const LayerChannel& end : entry.readers) {
      ranges_[end.layer].scale_column(end.channel, change);
    }
    return std::abs(change);
  }

  const ChannelClasses& channels_;
  const std::vector<LogLimits>& limits_;
  std::vector<LayerRanges> ranges_;
  std::vector<double> log_scales_;
};

}  // namespace

std::vector<double> balanced_log_scales(const ChannelClasses& channels,
                                        const std::vector<LogLimits>& limits) {
  return Balancer(channels, limits).run();
}

}  // namespace octavo
