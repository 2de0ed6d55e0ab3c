#include "repair/block/learned_step.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace octavo {
namespace {

TEST(LearnedStep, PassesBackWhatWasNotClipped) {
  QuantParams params{{DType::kUint8, Symmetry::kAsymmetric, false, 4}, {0.5F}, {2}};
  // Codes 0 to 15 with zero point 2: -1 to 6.5.
  const Tensor x = Tensor::of<float>({4}, {0.6F, -3.0F, 8.0F, 6.4F});
  const Tensor quantized = fake_quantize(x, params);
  const Tensor above = Tensor::of<float>({4}, {1, 10, 100, 1000});
  Tensor below(DType::kFloat32, {4});
  const double by_step = step_backward(x, quantized, 0.5F, above, {}, below);
  EXPECT_EQ(below.at(0), 1);
  EXPECT_EQ(below.at(1), 0);
  EXPECT_EQ(below.at(2), 0);
  EXPECT_EQ(below.at(3), 1000);
  // -0.1 and 0.1 from rounding; the clipped ones move with their ends.
  EXPECT_NEAR(by_step, 1 * -0.1 + 10 * -1.0 + 100 * 6.5 + 1000 * 0.1, 1e-3);
}

TEST(LearnedStep, LeavesOutWhatStayedFloat) {
  const QuantParams params{{DType::kUint8, Symmetry::kAsymmetric, false, 4}, {0.5F}, {0}};
  const Tensor x = Tensor::of<float>({2}, {0.6F, 9.0F});
  Tensor quantized = fake_quantize(x, params);
  quantized.mutable_as<float>()[1] = 9.0F;
  Tensor below(DType::kFloat32, {2});
  const std::vector<std::uint8_t> taken = {1, 0};
  const Tensor above = Tensor::of<float>({2}, {1, 10});
  EXPECT_NEAR(step_backward(x, quantized, 0.5F, above, taken, below), -0.1, 1e-6);
  EXPECT_EQ(below.at(1), 10);
}

}  // namespace
}  // namespace octavo
