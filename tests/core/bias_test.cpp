#include "core/bias.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include "support/error_matchers.h"

namespace octavo {
namespace {

Tensor bias_of(std::span<const float> values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(Bias, ScaleIsTheProductOfActivationAndWeightScale) {
  const std::array<float, 2> weight_scales = {0.25F, 0.5F};
  const QuantParams params = bias_params(0.5F, weight_scales);
  EXPECT_EQ(params.scheme.dtype, DType::kInt32);
  EXPECT_EQ(params.scale, (std::vector<float>{0.125F, 0.25F}));
  EXPECT_EQ(params.zero_point, (std::vector<std::int32_t>{0, 0}));
  EXPECT_EQ(params.axis, 0);
}

TEST(Bias, OneWeightScaleGivesOneBiasScale) {
  const std::array<float, 1> weight_scales = {0.25F};
  EXPECT_EQ(bias_params(0.5F, weight_scales).axis, std::nullopt);
}

TEST(Bias, AProductBelowFloatsSmallestNormalIsLifted) {
  const std::array<float, 1> weight_scales = {1e-30F};
  EXPECT_EQ(bias_params(1e-30F, weight_scales).scale[0], std::numeric_limits<float>::min());
}

TEST(Bias, AFittingBiasLeavesTheWeightsAlone) {
  const std::array<float, 2> weight_scales = {0.25F, 0.5F};
  const std::array<float, 2> values = {1.0F, -3.0F};
  const BiasFit fit = fit_bias(bias_of(values), 0.5F, weight_scales);
  EXPECT_EQ(fit.weight_scales, (std::vector<float>{0.25F, 0.5F}));
  EXPECT_EQ(fit.widened_by, 1);
}

TEST(Bias, AnOverflowWidensOnlyItsOwnChannel) {
  const std::array<float, 2> weight_scales = {1e-10F, 0.5F};
  const std::array<float, 2> values = {-100.0F, -3.0F};
  const BiasFit fit = fit_bias(bias_of(values), 1e-3F, weight_scales);
  EXPECT_GT(fit.weight_scales[0], 1e-10F);
  EXPECT_EQ(fit.weight_scales[1], 0.5F);
  // 100 / (1e-3 * scale) must be half of int32 now.
  EXPECT_NEAR(100.0 / (1e-3 * static_cast<double>(fit.weight_scales[0])) / 1073741823.0, 1, 1e-5);
  EXPECT_NEAR(fit.widened_by, 100.0 / 1e-13 / 1073741823.0, fit.widened_by * 1e-5);
}

TEST(Bias, ASharedWeightScaleFitsTheLargestBias) {
  const std::array<float, 1> weight_scales = {1e-10F};
  const std::array<float, 2> values = {100.0F, 200.0F};
  const BiasFit fit = fit_bias(bias_of(values), 1e-3F, weight_scales);
  EXPECT_NEAR(200.0 / (1e-3 * static_cast<double>(fit.weight_scales[0])) / 1073741823.0, 1, 1e-5);
}

TEST(Bias, AWidenedScaleHoldsTheBiasForCertain) {
  std::mt19937 random(20261121);
  std::uniform_real_distribution<float> exponent(-12, 12);
  constexpr std::int32_t kHalfOfInt32 = std::numeric_limits<std::int32_t>::max() / 2;
  for (int trial = 0; trial < 1000; ++trial) {
    const std::array<float, 1> value = {std::pow(10.0F, exponent(random))};
    const std::array<float, 1> weight_scale = {1e-12F};
    const float activation_scale = std::pow(10.0F, exponent(random));
    const BiasFit fit = fit_bias(bias_of(value), activation_scale, weight_scale);
    const QuantParams params = bias_params(activation_scale, fit.weight_scales);
    // The product is stored in float, which may cost the code one part in 2^24.
    const auto code = quantize(bias_of(value), params).as<std::int32_t>()[0];
    EXPECT_LE(code, kHalfOfInt32 + 128) << value[0] << " beside " << activation_scale;
  }
}

TEST(Bias, AProductBelowFloatsSmallestNormalIsWidened) {
  const std::array<float, 1> weight_scale = {1e-30F};
  const std::array<float, 1> value = {1e-20F};
  const BiasFit fit = fit_bias(bias_of(value), 1e-15F, weight_scale);
  EXPECT_GE(1e-15 * static_cast<double>(fit.weight_scales[0]),
            0.999999 * static_cast<double>(std::numeric_limits<float>::min()));
  EXPECT_GT(fit.widened_by, 1);
}

TEST(Bias, AZeroBiasFitsAnyScale) {
  const std::array<float, 1> weight_scale = {1e-30F};
  const std::array<float, 1> value = {0};
  EXPECT_EQ(fit_bias(bias_of(value), 1e-30F, weight_scale).widened_by, 1);
}

TEST(Bias, NumbersThatAreNoneAreRefused) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::array<float, 1> one = {1};
  const std::array<float, 1> zero = {0};
  const std::array<float, 1> infinity = {kInfinity};
  EXPECT_OCTAVO_ERROR(fit_bias(bias_of(infinity), 1, one), ErrorCode::kInvalidArgument, "bias inf",
                      "index 0", "finite");
  EXPECT_OCTAVO_ERROR(fit_bias(bias_of(one), 0, one), ErrorCode::kInvalidArgument,
                      "activation scale 0", "finite positive");
  EXPECT_OCTAVO_ERROR(fit_bias(bias_of(one), 1, zero), ErrorCode::kInvalidArgument,
                      "weight scale 0", "finite positive");
  const std::array<float, 1> huge = {3e38F};
  EXPECT_OCTAVO_ERROR(fit_bias(bias_of(huge), 1e-30F, one), ErrorCode::kInvalidArgument,
                      "no float32 weight scale", "3e+38", "1e-30");
}

TEST(Bias, AWrongNumberOfScalesIsRefused) {
  const std::array<float, 2> weight_scales = {1, 2};
  const std::array<float, 3> values = {1, 2, 3};
  EXPECT_OCTAVO_ERROR(fit_bias(bias_of(values), 1, weight_scales), ErrorCode::kInvalidArgument,
                      "2 weight scales", "3 values");
}

}  // namespace
}  // namespace octavo
