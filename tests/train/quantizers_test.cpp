#include "train/quantizers.h"

#include <gtest/gtest.h>

#include "core/bias.h"
#include "train/constants.h"

namespace octavo {
namespace {

TEST(StartWithinCode, KeepsWhatHasTheCodeAndMovesTheRestToItsEdge) {
  const QuantParams params{
      {DType::kInt8, Symmetry::kSymmetric, true, 4}, {0.5F}, {0}, std::nullopt};
  // Codes of 4 bits, -7..7: 0.6 has code 1; 0.8 has 2, stored as 1; 9 lies beyond the last code.
  const at::Tensor value = at::tensor({0.6F, 0.8F, 9.0F, -0.1F});
  const at::Tensor codes = at::tensor({1.0F, 1.0F, 7.0F, -1.0F});
  const at::Tensor start = start_within_code(value, codes, params);
  EXPECT_TRUE(at::allclose(start, at::tensor({0.6F, 0.7495F, 9.0F, -0.2505F}), 0, 1e-5));
  EXPECT_TRUE(at::equal(to_torch(quantize(from_torch(start), params)), codes));
}

TEST(BiasQuantizer, HasTheContractsScaleAndCodes) {
  BiasQuantizer bias;
  bias.latent = at::tensor({0.3F, -1.7F}).set_requires_grad(true);
  bias.activation_scale = at::tensor({0.02F});
  bias.weight_scale = at::tensor({0.01F, 0.03F});
  bias.axis = 0;
  const QuantParams params = bias_params(0.02F, std::vector<float>{0.01F, 0.03F});
  const Tensor expected = fake_quantize(from_torch(bias.latent), params);
  const at::Tensor found = bias.forward();
  EXPECT_TRUE(at::equal(found, to_torch(expected)));
  found.sum().backward();
  EXPECT_TRUE(at::equal(bias.latent.grad(), at::ones({2})));
}

TEST(BiasQuantizer, WidensAWeightScaleThatIsTooSmallForIt) {
  BiasQuantizer bias;
  bias.latent = at::tensor({100.0F, 1.0F});
  bias.activation_scale = at::tensor({1e-4F});
  bias.weight_scale = at::tensor({1e-6F, 1e-3F});
  bias.keep_in_range();
  EXPECT_NEAR(bias.weight_scale[0].item<double>(), 100.0 / (1e-4 * (1 << 30)), 1e-7);
  EXPECT_EQ(bias.weight_scale[1].item<float>(), 1e-3F);
}

TEST(ActivationQuantizer, ItsZeroPointFollowsTheOffset) {
  ActivationQuantizer activation;
  activation.codes = {0, 15};
  activation.scale = at::tensor({0.5F});
  activation.fixed_zero_point = at::tensor({4.0F});
  EXPECT_EQ(activation.zero_point().item<float>(), 4);
  activation.offset = at::tensor({-2.9F});
  EXPECT_EQ(activation.zero_point().item<float>(), 6) << "round(5.8)";
  activation.offset = at::tensor({-99.0F});
  EXPECT_EQ(activation.zero_point().item<float>(), 15) << "the last code";
}

}  // namespace
}  // namespace octavo
