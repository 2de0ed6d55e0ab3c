#include "train/fake_quantize.h"

#include <gtest/gtest.h>

#include <random>

#include "train/constants.h"

namespace octavo {
namespace {

struct Form {
  Shape shape;
  std::optional<int> axis;
  Scheme scheme;
};

class FakeQuantizeAgrees : public ::testing::TestWithParam<int> {};

const std::vector<Form>& forms() {
  static const std::vector<Form> kForms = {
      {{3, 1000}, std::nullopt, {DType::kUint8, Symmetry::kAsymmetric, false, 0}},
      {{70000}, std::nullopt, {DType::kInt8, Symmetry::kSymmetric, true, 4}},
      {{4, 3, 3, 3}, 0, {DType::kInt8, Symmetry::kSymmetric, true, 0}},
      {{5, 7, 4}, 1, {DType::kInt4, Symmetry::kAsymmetric, false, 0}},
      {{6, 11}, 1, {DType::kInt8, Symmetry::kSymmetric, true, 6}},
      {{2, 33}, std::nullopt, {DType::kInt16, Symmetry::kAsymmetric, false, 0}},
      {{17}, std::nullopt, {DType::kUint8, Symmetry::kAsymmetric, false, 5}},
  };
  return kForms;
}

struct Case {
  Tensor values;
  QuantParams params;
  at::Tensor x;
  at::Tensor scale;
  at::Tensor zero_point;
};

Case make_case(const Form& form) {
  std::mt19937 engine(7);
  std::normal_distribution<float> normal(0.2F, 1);
  Case made{Tensor(DType::kFloat32, form.shape), {}, {}, {}, {}};
  for (float& value : made.values.mutable_as<float>()) value = normal(engine);
  made.params = {form.scheme, {}, {}, form.axis};
  const std::int64_t entries =
      form.axis ? form.shape[static_cast<std::size_t>(*form.axis)] : std::int64_t{1};
  std::vector<float> zero_points;
  for (std::int64_t i = 0; i < entries; ++i) {
    const ScaleZeroPoint chosen =
        choose_params({-0.9 - 0.1 * static_cast<double>(i), 1.1}, form.scheme);
    made.params.scale.push_back(chosen.scale);
    made.params.zero_point.push_back(chosen.zero_point);
    zero_points.push_back(static_cast<float>(chosen.zero_point));
  }
  made.x = to_torch(made.values).set_requires_grad(true);
  made.scale = at::tensor(made.params.scale).set_requires_grad(true);
  made.zero_point = at::tensor(zero_points);
  return made;
}

TEST_P(FakeQuantizeAgrees, ForwardBitForBitWithTheContract) {
  const Form& form = forms()[static_cast<std::size_t>(GetParam())];
  const Case made = make_case(form);
  const at::Tensor found = fake_quantize(made.x, made.scale, made.zero_point, {},
                                         {code_range(form.scheme), form.axis.value_or(-1), 1});
  EXPECT_TRUE(at::equal(found, to_torch(fake_quantize(made.values, made.params))));
}

// The gradients as the papers state them, written in libtorch's own operations in double.
TEST_P(FakeQuantizeAgrees, BackwardWithTheFormulas) {
  const Form& form = forms()[static_cast<std::size_t>(GetParam())];
  const Case made = make_case(form);
  const at::Tensor offset = at::zeros_like(made.scale).set_requires_grad(true);
  const at::Tensor gradient = at::linspace(-1, 1, made.x.numel()).reshape(made.x.sizes());
  const CodeRange codes = code_range(form.scheme);
  fake_quantize(made.x, made.scale, made.zero_point, offset, {codes, form.axis.value_or(-1), 0.5})
      .backward(gradient);
  const at::NoGradGuard no_gradients;
  std::vector<std::int64_t> shape(form.shape.size(), 1);
  if (form.axis) shape[static_cast<std::size_t>(*form.axis)] = -1;
  const at::Tensor zero_point = made.zero_point.reshape(shape);
  const at::Tensor scaled = made.x / made.scale.reshape(shape);
  const at::Tensor rounded = at::round(scaled);
  const at::Tensor code = at::clamp(rounded + zero_point, codes.min, codes.max) - zero_point;
  const at::Tensor saturated = code != rounded;
  const at::Tensor of_scale = at::where(saturated, code, code - scaled).to(at::kDouble) * gradient;
  const at::Tensor of_offset = saturated.to(at::kDouble) * gradient;
  EXPECT_TRUE(at::equal(made.x.grad(), gradient.masked_fill(saturated, 0)));
  std::vector<std::int64_t> others;
  for (std::int64_t axis = 0; axis < made.x.dim(); ++axis) {
    if (axis != form.axis.value_or(-1)) others.push_back(axis);
  }
  const auto total = [&](const at::Tensor& parts) {
    return (parts.sum(others) * 0.5).reshape(made.scale.sizes());
  };
  EXPECT_TRUE(at::allclose(made.scale.grad().to(at::kDouble), total(of_scale), 1e-4, 1e-3));
  EXPECT_TRUE(at::allclose(offset.grad().to(at::kDouble), total(of_offset), 1e-4, 1e-3));
}

INSTANTIATE_TEST_SUITE_P(Forms, FakeQuantizeAgrees,
                         ::testing::Range(0, static_cast<int>(forms().size())));

TEST(StraightThrough, GivesTheGradientToTheSource) {
  const at::Tensor x = at::tensor({0.4F, 2.5F, -1.5F}).set_requires_grad(true);
  const at::Tensor rounded = round_straight_through(x);
  EXPECT_TRUE(at::equal(rounded, at::tensor({0.0F, 2.0F, -2.0F})));
  rounded.sum().backward();
  EXPECT_TRUE(at::equal(x.grad(), at::ones({3})));
}

}  // namespace
}  // namespace octavo
