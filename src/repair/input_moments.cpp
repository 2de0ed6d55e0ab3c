#include "repair/input_moments.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace octavo {
namespace {

// Samples whose windows are in memory at a time.
constexpr std::size_t kBlock = 8;
// Windows of a layer, all samples together: some for each weight of a channel.
constexpr std::size_t kColumnsPerRow = 16;
constexpr std::size_t kFewestColumns = 2048;
constexpr std::size_t kMostColumns = 32768;

using Windows = std::vector<Eigen::MatrixXf>;  // by group

class Accumulator {
 public:
  Accumulator(const BothRuns& runs, std::span<const MomentsOf> layers)
      : runs_(runs), layers_(layers), moments_(layers.size()), columns_(layers.size(), 0) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const auto rows = static_cast<Eigen::Index>(layers[i].window.rows);
      const InputMoments zero{Eigen::MatrixXd::Zero(rows, rows), Eigen::MatrixXd::Zero(rows, rows),
                              Eigen::VectorXd::Zero(rows), Eigen::VectorXd::Zero(rows)};
      moments_[i].assign(layers[i].window.groups, zero);
      quantized_inputs_.push_back(layers[i].quantized_input);
      float_inputs_.push_back(layers[i].float_input);
    }
  }

  std::vector<std::vector<InputMoments>> run() {
    Observer quantized = runs_.quantized.observer(runs_.quantized_model, quantized_inputs_);
    Observer reference = runs_.reference.observer(runs_.reference_model, float_inputs_);
    for (std::size_t first = 0; first < runs_.quantized.samples(); first += kBlock) {
      const std::size_t last = std::min(first + kBlock, runs_.quantized.samples());
      add(windows(quantized, runs_.quantized.from_here(), first, last),
          windows(reference, runs_.reference.from_here(), first, last));
    }
    for (std::size_t i = 0; i < moments_.size(); ++i) {
      for (InputMoments& group : moments_[i]) divide(group, std::max(columns_[i], 1.0));
    }
    return std::move(moments_);
  }

 private:
  std::vector<std::vector<Windows>> windows(Observer& observer, const Dataset& data,
                                            std::size_t first, std::size_t last) const {
    std::vector<std::vector<Windows>> result(last - first, std::vector<Windows>(layers_.size()));
    observer.observe(
        data, first, last, [&](std::size_t sample, std::size_t layer, const TensorView& values) {
          const Window& window = layers_[layer].window;
          // The same draw in both networks.
          const std::uint64_t seed = sample * layers_.size() + layer;
          result[sample - first][layer] = unfold(values, window, columns_a_sample(window), seed);
        });
    return result;
  }

  std::size_t columns_a_sample(const Window& window) const {
    const std::size_t wanted =
        std::clamp(kColumnsPerRow * window.rows, kFewestColumns, kMostColumns);
    return wanted / runs_.quantized.samples() + 1;
  }

  void add(const std::vector<std::vector<Windows>>& quantized,
           const std::vector<std::vector<Windows>>& reference) {
    for (std::size_t sample = 0; sample < quantized.size(); ++sample) {
      for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
        const Windows& q = quantized[sample][layer];
        const Windows& x = reference[sample][layer];
        for (std::size_t group = 0; group < q.size(); ++group) {
          add_group(moments_[layer][group], q[group], x[group]);
        }
        columns_[layer] += static_cast<double>(q.front().cols());
      }
    }
  }

  static void add_group(InputMoments& moments, const Eigen::MatrixXf& q, const Eigen::MatrixXf& x) {
    moments.second += (q * q.transpose()).cast<double>();
    moments.cross += (q * x.transpose()).cast<double>();
    moments.mean_quantized += q.rowwise().sum().cast<double>();
    moments.mean_float += x.rowwise().sum().cast<double>();
  }

  static void divide(InputMoments& moments, double count) {
    moments.second /= count;
    moments.cross /= count;
    moments.mean_quantized /= count;
    moments.mean_float /= count;
  }

  const BothRuns& runs_;
  std::span<const MomentsOf> layers_;
  std::vector<std::vector<InputMoments>> moments_;
  std::vector<double> columns_;
  std::vector<std::string> quantized_inputs_;
  std::vector<std::string> float_inputs_;
};

}  // namespace

std::vector<std::vector<InputMoments>> input_moments(const BothRuns& runs,
                                                     std::span<const MomentsOf> layers) {
  return Accumulator(runs, layers).run();
}

}  // namespace octavo
