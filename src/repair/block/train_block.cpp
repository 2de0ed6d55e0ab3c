#include "repair/block/train_block.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "core/parallel_for.h"
#include "repair/block/adam.h"
#include "repair/block/soft_weights.h"

namespace octavo {
namespace {

constexpr std::size_t kHeldOutOf = 4;
// Parts of a batch that have a gradient of their own: added up in order, whatever the threads.
constexpr std::size_t kShards = 8;
// Adam's rates. Those of steps and shifts fall to a tenth, along a cosine.
constexpr float kRoundingRate = 0.05F;
constexpr float kStepRate = 0.008F;   // of the step's logarithm
constexpr float kShiftRate = 0.002F;  // of the root of the error that the block begins with
// Weight of what draws each weight to a code, beside an error that begins at the number of weights.
// It grows by one factor an iteration, so that weights settle one after the other, those that the
// error hardly depends on first. AdaRound lowers beta under a constant weight instead, for 10,000
// iterations: within a few hundred, half of the weights stayed between codes.
constexpr double kFirstPull = 1;
constexpr double kLastPull = 100;
constexpr float kBeta = 2;
constexpr double kPi = 3.14159265358979323846;

Eigen::Map<const Eigen::ArrayXf> array_of(const Tensor& tensor) {
  const auto values = tensor.as<float>();
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

Tensor tensor_like(const Tensor& shape_of, const Eigen::ArrayXf& values) {
  return Tensor::of<float>(shape_of.shape(),
                           {values.data(), static_cast<std::size_t>(values.size())});
}

BlockGradient zero_gradient(const BlockValues& values) {
  BlockGradient zero;
  for (const Tensor& weights : values.weights) {
    zero.weights.emplace_back(DType::kFloat32, weights.shape());
  }
  for (const Tensor& shift : values.shifts) {
    zero.shifts.emplace_back(DType::kFloat32, shift.shape());
  }
  zero.log_steps.assign(values.activations.size(), 0);
  return zero;
}

void add(const std::vector<Tensor>& from, std::vector<Tensor>& to) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto source = from[i].as<float>();
    const auto target = to[i].mutable_as<float>();
    for (std::size_t k = 0; k < source.size(); ++k) target[k] += source[k];
  }
}

class BlockTrainer {
 public:
  BlockTrainer(const BlockTask& task, std::span<const BlockSample> samples,
               const BlockTrainingOptions& options)
      : task_(task), samples_(samples), options_(options), random_(options.seed) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const bool held_out = i % kHeldOutOf == kHeldOutOf - 1 || (samples.size() < 4 && i == 1);
      (held_out ? held_out_ : learned_from_).push_back(i);
    }
    for (std::size_t i = 0; i < task.params.size(); ++i) {
      soft_.emplace_back(task.exact_weights[i], task.start.weights[i], task.params[i]);
      weights_ += static_cast<float>(soft_.back().size());
      rounding_adam_.emplace_back(static_cast<Eigen::Index>(soft_.back().size()));
      shifts_.emplace_back(array_of(task.start.shifts[i]));
      shift_adam_.emplace_back(shifts_.back().size());
    }
    const auto steps = static_cast<Eigen::Index>(task.start.activations.size());
    log_steps_ = Eigen::ArrayXf::Zero(steps);
    step_adam_ = Adam(steps);
  }

  TrainedBlock run() {
    TrainedBlock result;
    result.before = mean_error(task_.start, held_out_);
    const double begin = mean_error(task_.start, learned_from_);
    if (begin > 0) {
      shift_unit_ = static_cast<float>(std::sqrt(begin));
      for (int i = 0; i < options_.iterations; ++i) {
        iterate(i, static_cast<float>(1 / begin));
      }
    }
    result.after = result.before;
    result.values = task_.start;
    for (const Rounding rounding : {Rounding::kHard, Rounding::kStart}) {
      BlockValues candidate = values(rounding);
      const double error = mean_error(candidate, held_out_);
      if (error >= result.after) continue;
      result.after = error;
      result.values = std::move(candidate);
    }
    return result;
  }

 private:
  enum class Rounding : std::uint8_t {
    kSoft,   // between codes
    kHard,   // at the nearer one
    kStart,  // as before
  };

  BlockValues values(Rounding rounding) const {
    BlockValues current = task_.start;
    for (std::size_t i = 0; i < soft_.size(); ++i) {
      if (rounding == Rounding::kSoft) current.weights[i] = soft_[i].values();
      if (rounding == Rounding::kHard) current.weights[i] = soft_[i].rounded();
      current.shifts[i] = tensor_like(task_.start.shifts[i], shifts_[i]);
    }
    for (std::size_t i = 0; i < current.activations.size(); ++i) {
      if (!task_.network.steps()[i].learned) continue;
      current.activations[i].scale.front() *= std::exp(log_steps_[static_cast<Eigen::Index>(i)]);
    }
    return current;
  }

  double mean_error(const BlockValues& current, const std::vector<std::size_t>& picks) const {
    std::vector<double> errors(picks.size());
    parallel_for(picks.size(), options_.threads, [&]() -> Round {
      return [&](std::size_t i) {
        errors[i] = task_.network.squared_error(current, samples_[picks[i]]);
      };
    });
    double sum = 0;
    for (const double error : errors) sum += error;
    return sum / static_cast<double>(std::max<std::size_t>(picks.size(), 1));
  }

  void iterate(int iteration, float inverse_begin) {
    const BlockGradient gradient =
        batch_gradient(values(Rounding::kSoft), static_cast<std::uint64_t>(iteration));
    const double progress = iteration / static_cast<double>(options_.iterations);
    const auto rate = static_cast<float>(0.55 + 0.45 * std::cos(kPi * progress));
    const auto pull = static_cast<float>(kFirstPull * std::pow(kLastPull / kFirstPull, progress));
    const float factor = inverse_begin / static_cast<float>(batch_size());
    for (std::size_t i = 0; i < soft_.size(); ++i) {
      const Eigen::ArrayXf by_v = weights_ * factor * soft_[i].gradient(gradient.weights[i]) +
                                  pull * soft_[i].regularizer_gradient(kBeta);
      rounding_adam_[i].step(by_v, kRoundingRate, soft_[i].v());
      shift_adam_[i].step(array_of(gradient.shifts[i]) * (factor * shift_unit_),
                          rate * kShiftRate * shift_unit_, shifts_[i]);
    }
    Eigen::ArrayXf by_step(log_steps_.size());
    for (Eigen::Index i = 0; i < by_step.size(); ++i) {
      by_step[i] = factor * static_cast<float>(gradient.log_steps[static_cast<std::size_t>(i)]);
    }
    step_adam_.step(by_step, rate * kStepRate, log_steps_);
  }

  std::size_t batch_size() const { return std::min(options_.batch, learned_from_.size()); }

  // The first batch_size() of the samples in a new order.
  void shuffle() {
    for (std::size_t i = 0; i < batch_size(); ++i) {
      std::swap(learned_from_[i], learned_from_[i + random_() % (learned_from_.size() - i)]);
    }
  }

  BlockGradient batch_gradient(const BlockValues& current, std::uint64_t iteration) {
    shuffle();
    const std::size_t count = batch_size();
    const std::size_t shards = std::min(kShards, count);
    std::vector<BlockGradient> parts(shards);
    parallel_for(shards, options_.threads, [&]() -> Round {
      return [&](std::size_t shard) {
        parts[shard] = zero_gradient(current);
        for (std::size_t i = shard; i < count; i += shards) {
          const std::uint64_t seed = (options_.seed + iteration * count + i) << 32U;
          task_.network.add_gradient(current, samples_[learned_from_[i]], ActivationDrop{seed},
                                     parts[shard]);
        }
      };
    });
    for (std::size_t i = 1; i < shards; ++i) {
      add(parts[i].weights, parts[0].weights);
      add(parts[i].shifts, parts[0].shifts);
      for (std::size_t k = 0; k < parts[0].log_steps.size(); ++k) {
        parts[0].log_steps[k] += parts[i].log_steps[k];
      }
    }
    return std::move(parts[0]);
  }

  const BlockTask& task_;
  std::span<const BlockSample> samples_;
  const BlockTrainingOptions& options_;
  std::mt19937_64 random_;
  std::vector<std::size_t> learned_from_;
  std::vector<std::size_t> held_out_;
  std::vector<SoftWeights> soft_;
  std::vector<Eigen::ArrayXf> shifts_;
  Eigen::ArrayXf log_steps_;
  std::vector<Adam> rounding_adam_;
  std::vector<Adam> shift_adam_;
  Adam step_adam_{0};
  float weights_ = 0;     // how many there are
  float shift_unit_ = 1;  // root of the error that the block begins with
};

}  // namespace

TrainedBlock train_block(const BlockTask& task, std::span<const BlockSample> samples,
                         const BlockTrainingOptions& options) {
  return BlockTrainer(task, samples, options).run();
}

}  // namespace octavo
