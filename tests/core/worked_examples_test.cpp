// Worked examples as others publish them: numbers and source.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "octavo/quantization.h"

namespace octavo {
namespace {

constexpr Scheme kUint8{DType::kUint8, Symmetry::kAsymmetric, false, 0};

std::vector<std::uint8_t> codes_of(const Tensor& tensor) {
  const auto codes = tensor.as<std::uint8_t>();
  return {codes.begin(), codes.end()};
}

// TensorFlow, "How to Quantize Neural Networks with TensorFlow" (2016): of -10 to 30 in eight bits,
// 0 is -10, 128 is 10 and 255 is 30. There the ends are exact; here real 0 is, which moves all by
// less than half a step.
TEST(WorkedExamples, TensorFlowsRangeOfMinus10To30) {
  const ScaleZeroPoint params = choose_params({-10, 30}, kUint8);
  EXPECT_FLOAT_EQ(params.scale, 40.0F / 255);
  EXPECT_EQ(params.zero_point, 64);
  const float half_step = params.scale / 2;
  EXPECT_NEAR(dequantize(0, params), -10, half_step);
  EXPECT_NEAR(dequantize(128, params), 10, half_step);
  EXPECT_NEAR(dequantize(255, params), 30, half_step);
}

// PyTorch's reference, torch.quantize_per_tensor: the example's result.
TEST(WorkedExamples, PyTorchsQuantizePerTensor) {
  const QuantParams params{kUint8, {0.1F}, {10}};
  EXPECT_EQ(codes_of(quantize(Tensor::of<float>({4}, {-1, 0, 1, 2}), params)),
            (std::vector<std::uint8_t>{0, 10, 20, 30}));
}

// PyTorch's reference, torch.quantize_per_channel: the example's result.
TEST(WorkedExamples, PyTorchsQuantizePerChannel) {
  const QuantParams params{kUint8, {0.1F, 0.01F}, {10, 0}, 0};
  EXPECT_EQ(codes_of(quantize(Tensor::of<float>({2, 2}, {-1, 0, 1, 2}), params)),
            (std::vector<std::uint8_t>{0, 10, 100, 200}));
}

// gemmlowp, doc/quantization_example.cc: the range is widened to hold 0, the scale is its width
// over 255, and the zero point is where 0 lies, rounded; written out for a range on one side of 0.
TEST(WorkedExamples, GemmlowpsParametersOfARangeWithoutZero) {
  const ScaleZeroPoint above = choose_params({0.5, 2.55}, kUint8);
  EXPECT_FLOAT_EQ(above.scale, 0.01F);
  EXPECT_EQ(above.zero_point, 0);
  const ScaleZeroPoint below = choose_params({-2.55, -0.5}, kUint8);
  EXPECT_FLOAT_EQ(below.scale, 0.01F);
  EXPECT_EQ(below.zero_point, 255);
}

}  // namespace
}  // namespace octavo
