#include "train/optimizer.h"

#include <gtest/gtest.h>

namespace octavo {
namespace {

std::vector<Parameter> two_parameters() {
  std::vector<Parameter> parameters = {{"w", ParameterKind::kWeight, at::zeros({2})},
                                       {"s", ParameterKind::kScale, at::ones({1})}};
  for (Parameter& parameter : parameters) parameter.value.set_requires_grad(true);
  parameters[0].value.mutable_grad() = at::tensor({3.0F, 0.0F});
  parameters[1].value.mutable_grad() = at::tensor({4.0F});
  return parameters;
}

TEST(ClipGradients, ShortensAllTogetherToTheLongest) {
  const std::vector<Parameter> parameters = two_parameters();
  Optimizer optimizer(parameters, {});
  EXPECT_NEAR(optimizer.clip_gradients(0.5), 5, 1e-6);
  EXPECT_TRUE(at::allclose(parameters[0].value.grad(), at::tensor({0.3F, 0.0F})));
  EXPECT_TRUE(at::allclose(parameters[1].value.grad(), at::tensor({0.4F})));
}

TEST(ClipGradients, LeavesShorterOnesAloneAndAllOfThemAtZero) {
  for (const double longest : {5.1, 0.0}) {
    const std::vector<Parameter> parameters = two_parameters();
    Optimizer optimizer(parameters, {});
    EXPECT_NEAR(optimizer.clip_gradients(longest), 5, 1e-6);
    EXPECT_TRUE(at::equal(parameters[0].value.grad(), at::tensor({3.0F, 0.0F}))) << longest;
  }
}

TEST(Optimizer, ScalesMoveAtTheirShareOfTheRateOrNotAtAll) {
  TrainingOptions options;
  options.scale_rate = 0.5;
  for (const bool scales_learn : {true, false}) {
    const std::vector<Parameter> parameters = two_parameters();
    Optimizer optimizer(parameters, options);
    optimizer.step(0.1, scales_learn);
    EXPECT_NEAR(parameters[0].value[0].item<double>(), -0.3, 1e-6);
    EXPECT_NEAR(parameters[1].value[0].item<double>(), scales_learn ? 0.8 : 1.0, 1e-6);
  }
}

}  // namespace
}  // namespace octavo
