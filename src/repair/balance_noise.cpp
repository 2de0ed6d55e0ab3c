#include "repair/balance_noise.h"

#include <Eigen/Core>
#include <array>
#include <cmath>

#include "repair/block/adam.h"
#include "repair/noise_terms.h"

namespace octavo {
namespace {

using Eigen::ArrayXd;
using Eigen::ArrayXf;

struct Stage {
  double order;  // of the norm
  float rate;
};
constexpr std::array<Stage, 4> kStages = {{{4, 0.1F}, {8, 0.05F}, {16, 0.03F}, {32, 0.015F}}};
constexpr int kSteps = 100;
constexpr float kLastRate = 0.2F;      // of the stage's first
constexpr float kMaxLogScale = 8;      // a factor of 3000 either way
constexpr double kNoDirection = 1e-7;  // a gradient that Adam must not take for one

std::vector<double> importance_on(const ScaledTensor& tensor, const std::vector<double>& classes,
                                  double positions) {
  std::vector<double> result;
  for (const auto& owner : tensor.classes)
    result.push_back(owner ? classes[*owner] / std::sqrt(positions) : 0);
  return result;
}

class NoiseModel {
 public:
  explicit NoiseModel(const NoiseTask& task)
      : fixed_(task.fixed), owners_(channel_owners(task.channels)) {
    const ChannelImportance importance =
        channel_importance(task.channels, owners_, task.inputs, task.outputs);
    for (std::size_t l = 0; l < task.channels.layers.size(); ++l) {
      weights_.emplace_back(task.channels.layers[l], owners_[l], importance.outputs[l],
                            task.inputs[l].mean_square);
    }
    for (const QuantizedTensor& tensor : task.activations) {
      activations_.emplace_back(
          tensor.tensor->classes, tensor.largest,
          importance_on(*tensor.tensor, importance.classes, tensor.positions));
    }
  }

  void set_order(double order) {
    for (WeightNoise& noise : weights_) noise.set_order(order);
    for (ActivationNoise& noise : activations_) noise.set_order(order);
  }

  // Of the logarithm of all noise.
  ArrayXf gradient(const ArrayXf& log_scales) const {
    ArrayXd sum = ArrayXd::Zero(log_scales.size());
    double noise = 0;
    for (const WeightNoise& term : weights_) noise += term.add(log_scales, sum);
    for (const ActivationNoise& term : activations_) noise += term.add(log_scales, sum);
    if (noise == 0) return ArrayXf::Zero(log_scales.size());
    sum /= noise;
    for (Eigen::Index i = 0; i < sum.size(); ++i) {
      if (fixed_[static_cast<std::size_t>(i)] || std::abs(sum[i]) < kNoDirection) sum[i] = 0;
    }
    return sum.cast<float>();
  }

 private:
  const std::vector<bool>& fixed_;
  std::vector<LayerOwners> owners_;
  std::vector<WeightNoise> weights_;
  std::vector<ActivationNoise> activations_;
};

}  // namespace

std::vector<double> quiet_log_scales(const NoiseTask& task) {
  NoiseModel model(task);
  const auto count = static_cast<Eigen::Index>(task.channels.classes.size());
  ArrayXf log_scales = ArrayXf::Zero(count);
  for (const Stage& stage : kStages) {
    model.set_order(stage.order);
    Adam adam(count);
    for (int step = 0; step < kSteps; ++step) {
      const float done = static_cast<float>(step) / static_cast<float>(kSteps);
      adam.step(model.gradient(log_scales), stage.rate * (1 - (1 - kLastRate) * done), log_scales);
      log_scales = log_scales.max(-kMaxLogScale).min(kMaxLogScale);
    }
  }
  return {log_scales.begin(), log_scales.end()};
}

}  // namespace octavo
