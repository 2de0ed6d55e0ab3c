#include "repair/round_weights.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <utility>

namespace octavo {
namespace {

constexpr Eigen::Index kMostRowsForRoot = 2048;

class ChannelRounder {
 public:
  ChannelRounder(const RoundingObjective& objective, const Eigen::VectorXd& target,
                 std::span<const float> weights, ScaleZeroPoint params, CodeRange codes)
      : objective_(objective), target_(target), weights_(weights) {
    for (const float weight : weights) slots_.push_back(neighbours(weight, params, codes));
  }

  std::vector<std::int32_t> run() const {
    std::vector<std::int32_t> best = improved(nearest());
    if (objective_.inverse_root.size() == 0) return best;
    std::vector<std::int32_t> other = improved(with_error_feedback());
    return value(other) < value(best) ? other : best;
  }

 private:
  double value(const std::vector<std::int32_t>& codes) const {
    return objective_value(objective_, target_, reals(slots_, codes));
  }

  std::vector<std::int32_t> nearest() const {
    std::vector<std::int32_t> codes;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      codes.push_back(slots_[i].nearest(static_cast<double>(weights_[i])));
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
      const CodeSlot& slot = slots_[static_cast<std::size_t>(k)];
      codes[k] = slot.nearest(wanted[k]);
      const double error = (wanted[k] - slot.real(codes[k])) / root(k, k);
      const Eigen::Index rest = count - k - 1;
      wanted.tail(rest) -= error * root.row(k).tail(rest).transpose();
    }
    return codes;
  }

  std::vector<std::int32_t> improved(std::vector<std::int32_t> codes) const {
    Eigen::VectorXd gradient = objective_.second * reals(slots_, codes) - target_;
    return descend(objective_.second, std::move(gradient), slots_, std::move(codes));
  }

  const RoundingObjective& objective_;
  const Eigen::VectorXd& target_;
  std::span<const float> weights_;
  std::vector<CodeSlot> slots_;
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

CodeSlot neighbours(float weight, ScaleZeroPoint params, CodeRange codes) {
  const double exact =
      static_cast<double>(weight) / static_cast<double>(params.scale) + params.zero_point;
  const auto low = static_cast<std::int32_t>(std::clamp(
      std::floor(exact), static_cast<double>(codes.min), static_cast<double>(codes.max)));
  const auto high = static_cast<std::int32_t>(
      std::clamp(std::ceil(exact), static_cast<double>(codes.min), static_cast<double>(codes.max)));
  return {params, {low, high}};
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
