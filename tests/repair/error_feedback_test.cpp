#include "repair/error_feedback.h"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <random>

namespace octavo {
namespace {

constexpr Eigen::Index kRows = 96;  // more than are rounded in one block
constexpr Eigen::Index kChannels = 5;

// Inputs of which neighbours are alike.
Eigen::MatrixXd moments(unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, 1);
  Eigen::MatrixXd inputs(kRows, 400);
  for (double& value : inputs.reshaped()) value = normal(random);
  for (Eigen::Index row = 1; row < kRows; ++row) {
    inputs.row(row) = 0.8 * inputs.row(row - 1) + 0.6 * inputs.row(row);
  }
  inputs.row(kRows - 1) *= 4;
  Eigen::MatrixXd second = inputs * inputs.transpose() / 400;
  second.diagonal().array() += 0.01;
  return second;
}

Eigen::MatrixXd some_weights(unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, 1);
  Eigen::MatrixXd weights(kRows, kChannels);
  for (double& value : weights.reshaped()) value = normal(random);
  return weights;
}

std::vector<CodeSlot> slots_of(float scale) {
  return {static_cast<std::size_t>(kRows * kChannels), CodeSlot{{scale, 0}, {-8, 7}}};
}

double error(const Eigen::MatrixXd& second, const Eigen::MatrixXd& difference) {
  return (second * difference).cwiseProduct(difference).sum();
}

Eigen::MatrixXd nearest(const Eigen::MatrixXd& weights, const CodeSlot& slot) {
  return weights.unaryExpr([&](double weight) { return slot.real(slot.nearest(weight)); });
}

TEST(ErrorFeedback, LowersTheErrorOfNearestByAThirdInEitherOrder) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    const Eigen::MatrixXd second = moments(seed);
    const Eigen::MatrixXd weights = some_weights(seed + 10);
    const auto slots = slots_of(0.4F);
    const double before = error(second, nearest(weights, slots[0]) - weights);
    for (const auto order : {FeedbackOrder::kAsStored, FeedbackOrder::kLargestFirst}) {
      const auto root = make_feedback_root(second, order);
      ASSERT_TRUE(root.has_value());
      const Eigen::MatrixXd values = round_with_feedback(*root, weights, slots);
      EXPECT_LT(error(second, values - weights), 0.67 * before) << "seed " << seed;
      EXPECT_TRUE(values.isApprox(nearest(values, slots[0]))) << "each is a code";
    }
  }
}

// The algorithm as the paper writes it: one row at a time, the inverse reduced after each.
TEST(ErrorFeedback, IsWhatTheInverseItselfGives) {
  const Eigen::MatrixXd second = moments(4);
  const Eigen::MatrixXd weights = some_weights(14);
  const auto slots = slots_of(0.4F);
  Eigen::MatrixXd left = weights;
  Eigen::MatrixXd values(kRows, kChannels);
  Eigen::MatrixXd inverse = second.inverse();
  for (Eigen::Index k = 0; k < kRows; ++k) {
    values.row(k) = nearest(left.row(k), slots[0]);
    const Eigen::RowVectorXd step = (left.row(k) - values.row(k)) / inverse(k, k);
    left -= inverse.col(k) * step;
    const Eigen::MatrixXd known = inverse.col(k) * inverse.row(k) / inverse(k, k);
    inverse -= known;
  }
  const auto root = make_feedback_root(second, FeedbackOrder::kAsStored);
  ASSERT_TRUE(root.has_value());
  EXPECT_TRUE(round_with_feedback(*root, weights, slots).isApprox(values));
}

TEST(ErrorFeedback, BeginsWithTheLargestInput) {
  const auto root = make_feedback_root(moments(5), FeedbackOrder::kLargestFirst);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->order.front(), kRows - 1);
  EXPECT_EQ(root->order.size(), static_cast<std::size_t>(kRows));
}

TEST(ErrorFeedback, HasNoRootWhereMomentsAreNotPositive) {
  EXPECT_FALSE(
      make_feedback_root(Eigen::MatrixXd::Zero(3, 3), FeedbackOrder::kAsStored).has_value());
}

}  // namespace
}  // namespace octavo
