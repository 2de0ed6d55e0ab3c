#include "core/bias.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

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

TEST(Bias, AWrongNumberOfScalesIsRefused) {
  const std::array<float, 2> weight_scales = {1, 2};
  const std::array<float, 3> values = {1, 2, 3};
  EXPECT_OCTAVO_ERROR(fit_bias(bias_of(values), 1, weight_scales), ErrorCode::kInvalidArgument,
                      "2 weight scales", "3 values");
}

}  // namespace
}  // namespace octavo
