#include "repair/round_weights.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace octavo {
namespace {

constexpr Eigen::Index kMostRowsForRoot = 2048;
constexpr int kMaxSweeps = 30;

struct CodeBounds {
  std::int32_t low = 0;
  std::int32_t high = 0;
};

// The codes on both sides of a weight.
CodeBounds neighbours(float weight, ScaleZeroPoint params, CodeRange codes) {
  const double exact =
      static_cast<double>(weight) / static_cast<double>(params.scale) + params.zero_point;
  const auto low = static_cast<std::int32_t>(std::clamp(
      std::floor(exact), static_cast<double>(codes.min), static_cast<double>(codes.max)));
  const auto high = static_cast<std::int32_t>(
      std::clamp(std::ceil(exact), static_cast<double>(codes.min), static_cast<double>(codes.max)));
  return {low, high};
}

class ChannelRounder {
 public:
  ChannelRounder(const RoundingObjective& objective, const Eigen::VectorXd& target,
                 std::span<const float> weights, ScaleZeroPoint params, CodeRange codes)
      : objective_(objective), target_(target), weights_(weights), params_(params), codes_(codes) {
    for (const float weight : weights) bounds_.push_back(neighbours(weight, params, codes));
  }

  std::vector<std::int32_t> run() const {
    std::vector<std::int32_t> best = improved(nearest());
    if (objective_.inverse_root.size() == 0) return best;
    std::vector<std::int32_t> other = improved(with_error_feedback());
    return value(other) < value(best) ? other : best;
  }

 private:
  std::int32_t code(double value, std::size_t index) const {
    const std::int32_t nearest = quantize(static_cast<float>(value), params_, codes_);
    return std::clamp(nearest, bounds_[index].low, bounds_[index].high);
  }

  double real(std::int32_t code) const { return static_cast<double>(dequantize(code, params_)); }

  Eigen::VectorXd reals(const std::vector<std::int32_t>& codes) const {
    Eigen::VectorXd values(static_cast<Eigen::Index>(codes.size()));
    for (std::size_t i = 0; i < codes.size(); ++i)
      values[static_cast<Eigen::Index>(i)] = real(codes[i]);
    return values;
  }

  double value(const std::vector<std::int32_t>& codes) const {
    return objective_value(objective_, target_, reals(codes));
  }

  std::vector<std::int32_t> nearest() const {
    std::vector<std::int32_t> codes;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      codes.push_back(code(static_cast<double>(weights_[i]), i));
    }
    return codes;
  }

  // What one weight is off by, those after it make up for as well as they can.
  std::vector<std::int32_t> with_error_feedback() const {
    const Eigen::MatrixXd& root = objective_.inverse_root;
    // The best real weights: second^-1 target.
    Eigen::VectorXd wanted = root.transpose() * (root * target_);
    std::vector<std::int32_t> codes(weights_.size());
    const Eigen::Index count = wanted.size();
    for (Eigen::Index k = 0; k < count; ++k) {
      codes[k] = code(wanted[k], static_cast<std::size_t>(k));
      const double error = (wanted[k] - real(codes[k])) / root(k, k);
      const Eigen::Index rest = count - k - 1;
      wanted.tail(rest) -= error * root.row(k).tail(rest).transpose();
    }
    return codes;
  }

  // Coordinate descent.
  std::vector<std::int32_t> improved(std::vector<std::int32_t> codes) const {
    const Eigen::MatrixXd& second = objective_.second;
    Eigen::VectorXd values = reals(codes);
    Eigen::VectorXd gradient = second * values - target_;  // half of it
    for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
      bool changed = false;
      for (Eigen::Index k = 0; k < values.size(); ++k) {
        const double wanted = values[k] - gradient[k] / second(k, k);
        const std::int32_t next = code(wanted, static_cast<std::size_t>(k));
        if (next == codes[k]) continue;
        const double step = real(next) - values[k];
        // Between the two neighbours, the nearer to the optimum is the better; equal is no gain.
        if (step * (2 * gradient[k] + step * second(k, k)) >= 0) continue;
        gradient += step * second.col(k);
        values[k] += step;
        codes[k] = next;
        changed = true;
      }
      if (!changed) break;
    }
    return codes;
  }

  const RoundingObjective& objective_;
  const Eigen::VectorXd& target_;
  std::span<const float> weights_;
  ScaleZeroPoint params_;
  CodeRange codes_;
  std::vector<CodeBounds> bounds_;
};

}  // namespace

RoundingObjective make_objective(Eigen::MatrixXd second) {
  RoundingObjective objective{std::move(second), {}};
  const Eigen::Index rows = objective.second.rows();
  if (rows > kMostRowsForRoot) return objective;
  const Eigen::LLT<Eigen::MatrixXd> factor(objective.second);
  if (factor.info() != Eigen::Success) return objective;
  const Eigen::LLT<Eigen::MatrixXd> inverse(factor.solve(Eigen::MatrixXd::Identity(rows, rows)));
  if (inverse.info() == Eigen::Success) objective.inverse_root = inverse.matrixU();
  return objective;
}

double objective_value(const RoundingObjective& objective, const Eigen::VectorXd& target,
                       const Eigen::VectorXd& values) {
  return values.dot(objective.second * values) - 2 * values.dot(target);
}

std::vector<std::int32_t> round_weights(const RoundingObjective& objective,
                                        const Eigen::VectorXd& target,
                                        std::span<const float> weights, ScaleZeroPoint params,
                                        CodeRange codes) {
  return ChannelRounder(objective, target, weights, params, codes).run();
}

}  // namespace octavo
