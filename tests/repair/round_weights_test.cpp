#include "repair/round_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace octavo {
namespace {

constexpr CodeRange kCodes = {-127, 127};

Eigen::VectorXd reals(const std::vector<std::int32_t>& codes, ScaleZeroPoint params) {
  Eigen::VectorXd values(static_cast<Eigen::Index>(codes.size()));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    values[static_cast<Eigen::Index>(i)] = static_cast<double>(dequantize(codes[i], params));
  }
  return values;
}

TEST(RoundWeights, IsNearestWhereInputsAreIndependent) {
  const std::vector<float> weights = {0.4F, 0.6F, -1.2F, 2.49F};
  const auto objective = make_objective(Eigen::MatrixXd::Identity(4, 4));
  const Eigen::VectorXd target =
      Eigen::Map<const Eigen::VectorXf>(weights.data(), 4).cast<double>();
  EXPECT_EQ(round_weights(objective, target, weights, {1, 0}, kCodes),
            (std::vector<std::int32_t>{0, 1, -1, 2}));
}

TEST(RoundWeights, LetsErrorsCancelWhereInputsAreOne) {
  // Two inputs that are always equal: only the sum of their weights counts. 0.4 + 0.4 is nearer to
  // 1 + 0 than to 0 + 0.
  Eigen::MatrixXd second = Eigen::MatrixXd::Ones(2, 2);
  second.diagonal().array() += 1e-3;
  const auto objective = make_objective(second);
  const std::vector<float> weights = {0.4F, 0.4F};
  const Eigen::VectorXd target = second * Eigen::Vector2d(0.4, 0.4);
  const auto codes = round_weights(objective, target, weights, {1, 0}, kCodes);
  EXPECT_EQ(codes[0] + codes[1], 1);
}

// Against all 2^n choices.
TEST(RoundWeights, IsNoWorseThanNearestAndOftenTheBest) {
  std::mt19937 random(17);
  std::normal_distribution<double> normal(0, 1);
  int best_found = 0;
  constexpr int kCases = 50;
  for (int round = 0; round < kCases; ++round) {
    constexpr Eigen::Index kSize = 8;
    Eigen::MatrixXd inputs(kSize, 12);
    for (double& value : inputs.reshaped()) value = normal(random);
    inputs.row(1) = inputs.row(0) + 0.1 * inputs.row(1);
    const Eigen::MatrixXd second = inputs * inputs.transpose() / 12;
    const auto objective = make_objective(second);
    std::vector<float> weights(kSize);
    for (float& weight : weights) weight = static_cast<float>(normal(random));
    const ScaleZeroPoint params{0.5F, 3};
    const Eigen::VectorXd exact =
        Eigen::Map<const Eigen::VectorXf>(weights.data(), kSize).cast<double>();
    const Eigen::VectorXd target = second * exact;
    const auto codes = round_weights(objective, target, weights, params, kCodes);
    std::vector<std::int32_t> nearest;
    std::vector<std::int32_t> floors;
    for (const float weight : weights) {
      nearest.push_back(quantize(weight, params, kCodes));
      floors.push_back(static_cast<std::int32_t>(std::floor(weight / params.scale)) + 3);
    }
    double best = std::numeric_limits<double>::infinity();
    for (unsigned bits = 0; bits < 1U << kSize; ++bits) {
      std::vector<std::int32_t> choice = floors;
      for (unsigned i = 0; i < kSize; ++i) choice[i] += static_cast<int>(bits >> i & 1U);
      best = std::min(best, objective_value(objective, target, reals(choice, params)));
    }
    const double found = objective_value(objective, target, reals(codes, params));
    EXPECT_LE(found, objective_value(objective, target, reals(nearest, params)) + 1e-12);
    best_found += found <= best + 1e-9 ? 1 : 0;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      EXPECT_TRUE(codes[i] == floors[i] || codes[i] == floors[i] + 1) << "seed 17, case " << round;
    }
  }
  EXPECT_GE(best_found, kCases / 2) << "of " << kCases << ", seed 17";
}

TEST(RoundWeights, StaysWithinTheCodes) {
  const auto objective = make_objective(Eigen::MatrixXd::Identity(2, 2));
  const std::vector<float> weights = {300.7F, -300.2F};
  const Eigen::VectorXd target = Eigen::Vector2d(300.7, -300.2);
  EXPECT_EQ(round_weights(objective, target, weights, {1, 0}, kCodes),
            (std::vector<std::int32_t>{127, -127}));
}

TEST(MakeObjective, DoesWithoutARootWhereThereIsNone) {
  const auto objective = make_objective(Eigen::MatrixXd::Zero(3, 3));
  EXPECT_EQ(objective.inverse_root.size(), 0);
}

TEST(MakeObjective, InvertsTheMoments) {
  Eigen::MatrixXd second(2, 2);
  second << 4, 1, 1, 3;
  const auto objective = make_objective(second);
  const Eigen::MatrixXd& root = objective.inverse_root;
  const Eigen::MatrixXd product = root.transpose() * root * second;
  EXPECT_TRUE(product.isApprox(Eigen::MatrixXd::Identity(2, 2), 1e-12));
}

}  // namespace
}  // namespace octavo
