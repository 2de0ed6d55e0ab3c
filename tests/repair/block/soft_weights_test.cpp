#include "repair/block/soft_weights.h"

#include <gtest/gtest.h>

namespace octavo {
namespace {

QuantParams four_bits() {
  QuantParams params;
  params.scheme.symmetry = Symmetry::kSymmetric;
  params.scheme.narrow_range = true;
  params.scheme.reduced_bits = 4;
  params.scale = {0.5F, 0.25F};
  params.zero_point = {0, 0};
  params.axis = 0;
  return params;
}

// Two channels of three.
const Tensor kExact = Tensor::of<float>({2, 3}, {0.6F, -0.1F, 9.0F, 0.3F, 0.5F, -0.4F});

TEST(SoftWeights, BeginBetweenTheWeightAndItsCode) {
  const Tensor rounded = fake_quantize(kExact, four_bits());
  const SoftWeights weights(kExact, rounded, four_bits());
  const Tensor values = weights.values();
  EXPECT_NEAR(values.at(0), 0.55, 1e-5) << "0.5 is its code: half way";
  EXPECT_NEAR(values.at(3), 0.275, 1e-5);
  EXPECT_EQ(values.at(2), 3.5) << "beyond the last code there is no choice";
  EXPECT_EQ(values.at(4), 0.5) << "nor on a code";
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(weights.rounded().at(i), rounded.at(i)) << i;
  }
}

TEST(SoftWeights, KeepTheCodesThatARepairChose) {
  Tensor rounded = fake_quantize(kExact, four_bits());
  rounded.mutable_as<float>()[0] = 1.0F;  // the other neighbour of 0.6
  const SoftWeights weights(kExact, rounded, four_bits());
  EXPECT_NEAR(weights.values().at(0), 0.8, 1e-5);
  EXPECT_EQ(weights.rounded().at(0), 1.0);
}

TEST(SoftWeights, HaveTheGradientOfTheirValues) {
  SoftWeights weights(kExact, fake_quantize(kExact, four_bits()), four_bits());
  const Tensor above = Tensor::of<float>({2, 3}, {1, 2, 3, -1, 2, -3});
  const Eigen::ArrayXf gradient = weights.gradient(above);
  constexpr float kStep = 1e-2F;
  for (Eigen::Index i = 0; i < 6; ++i) {
    const auto element = static_cast<std::size_t>(i);
    weights.v()[i] += kStep;
    const double up = weights.values().at(element);
    weights.v()[i] -= 2 * kStep;
    const double down = weights.values().at(element);
    weights.v()[i] += kStep;
    EXPECT_NEAR(static_cast<double>(gradient[i]), above.at(element) * (up - down) / 0.02, 1e-3);
  }
}

TEST(SoftWeights, AreDrawnToTheNearerCode) {
  const SoftWeights weights(kExact, fake_quantize(kExact, four_bits()), four_bits());
  const Eigen::ArrayXf gradient = weights.regularizer_gradient(2);
  EXPECT_GT(gradient[0], 0) << "0.55 goes down to 0.5";
  EXPECT_LT(gradient[1], 0) << "-0.05 goes up to 0";
}

}  // namespace
}  // namespace octavo
