#include "octavo/quantization.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "support/error_matchers.h"

namespace octavo {
namespace {

constexpr Scheme kInt8Symmetric = {
    .dtype = DType::kInt8, .symmetry = Symmetry::kSymmetric, .narrow_range = true};
constexpr Scheme kUint8 = {.dtype = DType::kUint8};
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// A scale and zero point for each index of the axis, all of them different.
QuantParams channel_params(const Shape& shape, int axis, DType dtype) {
  QuantParams params = {.scheme = {.dtype = dtype}, .axis = axis};
  const auto index = static_cast<std::size_t>(axis < 0 ? axis + std::ssize(shape) : axis);
  for (std::int64_t channel = 0; channel < shape[index]; ++channel) {
    params.scale.push_back(0.1F + 0.07F * static_cast<float>(channel));
    params.zero_point.push_back(static_cast<std::int32_t>(channel % 5));
  }
  return params;
}

void expect_scalar_results(const Tensor& values, const QuantParams& params) {
  const Tensor codes = quantize(values, params);
  const Tensor back = dequantize(codes, params);
  const Tensor fake = fake_quantize(values, params);
  const int axis = params.axis.value_or(0);
  const auto first_inner =
      values.shape().begin() + (axis < 0 ? axis + std::ssize(values.shape()) : axis) + 1;
  const std::size_t inner = element_count({first_inner, values.shape().end()});
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t channel = i / inner % params.scale.size();
    const ScaleZeroPoint own = {params.scale[channel], params.zero_point[channel]};
    const std::int32_t code = quantize(values.as<float>()[i], own, code_range(params.scheme));
    ASSERT_EQ(codes.at(i), code) << i;
    ASSERT_EQ(back.as<float>()[i], dequantize(code, own)) << i;
    ASSERT_EQ(fake.as<float>()[i], dequantize(code, own)) << i;
  }
}

// All different, for every block.
QuantParams block_params(const Shape& shape, int axis, std::int64_t block_size, DType dtype) {
  QuantParams params = {.scheme = {.dtype = dtype}, .axis = axis, .block_size = block_size};
  const std::size_t count = element_count(scale_shape(shape, axis, block_size));
  for (std::size_t i = 0; i < count; ++i) {
    params.scale.push_back(0.1F + 0.07F * static_cast<float>(i % 11));
    params.zero_point.push_back(static_cast<std::int32_t>(i % 5));
  }
  return params;
}

void expect_block_results(const Tensor& values, const QuantParams& params) {
  const Tensor codes = quantize(values, params);
  const Tensor back = dequantize(codes, params);
  const Tensor fake = fake_quantize(values, params);
  const Shape& shape = values.shape();
  const auto axis = static_cast<std::size_t>(*params.axis);
  const std::size_t inner = element_count({shape.begin() + *params.axis + 1, shape.end()});
  const auto channels = static_cast<std::size_t>(shape[axis]);
  const auto block = static_cast<std::size_t>(params.block_size);
  const std::size_t blocks = (channels + block - 1) / block;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t outer = i / (inner * channels);
    const std::size_t entry = (outer * blocks + i / inner % channels / block) * inner + i % inner;
    const ScaleZeroPoint own = {params.scale[entry], params.zero_point[entry]};
    const std::int32_t code = quantize(values.as<float>()[i], own, code_range(params.scheme));
    ASSERT_EQ(codes.at(i), code) << i;
    ASSERT_EQ(back.as<float>()[i], dequantize(code, own)) << i;
    ASSERT_EQ(fake.as<float>()[i], dequantize(code, own)) << i;
  }
}

std::vector<Scheme> all_schemes() {
  std::vector<Scheme> schemes;
  for (const DType dtype : {DType::kInt8, DType::kUint8, DType::kInt16, DType::kUint16,
                            DType::kInt4, DType::kUint4, DType::kInt32}) {
    for (const Symmetry symmetry : {Symmetry::kAsymmetric, Symmetry::kSymmetric}) {
      for (const bool narrow : {false, true}) {
        for (const int reduced_bits : {0, 1, 2}) {
          schemes.push_back({dtype, symmetry, narrow, reduced_bits});
        }
      }
    }
  }
  return schemes;
}

TEST(CodeRange, FollowsTheScheme) {
  EXPECT_EQ(code_range({.dtype = DType::kInt8}), (CodeRange{-128, 127}));
  EXPECT_EQ(code_range(kInt8Symmetric), (CodeRange{-127, 127}));
  EXPECT_EQ(code_range({.dtype = DType::kInt8, .reduced_bits = 1}), (CodeRange{-64, 63}));
  EXPECT_EQ(code_range({.dtype = DType::kUint8, .reduced_bits = 1}), (CodeRange{0, 127}));
  EXPECT_EQ(code_range({.dtype = DType::kInt4}), (CodeRange{-8, 7}));
  EXPECT_EQ(code_range({.dtype = DType::kInt32}),
            (CodeRange{std::numeric_limits<std::int32_t>::min(),
                       std::numeric_limits<std::int32_t>::max()}));
}

TEST(CodeRange, RefusesTypesThatHoldNoCodes) {
  for (const DType dtype : {DType::kFloat32, DType::kInt64, DType::kUint32, DType::kBool}) {
    EXPECT_OCTAVO_ERROR(code_range({.dtype = dtype}), ErrorCode::kUnsupported, traits(dtype).name,
                        "cannot hold codes");
  }
}

TEST(CodeRange, OfFloatTypesIsTheWholeType) {
  EXPECT_EQ(code_range({.dtype = DType::kFloat8E4m3, .symmetry = Symmetry::kSymmetric}),
            (CodeRange{-448, 448}));
  EXPECT_EQ(
      code_range(
          {.dtype = DType::kFloat8E5m2, .symmetry = Symmetry::kSymmetric, .narrow_range = true}),
      (CodeRange{-57344, 57344}));
  EXPECT_OCTAVO_ERROR(code_range({.dtype = DType::kFloat8E4m3}), ErrorCode::kInvalidArgument,
                      "float8e4m3", "no zero point");
  EXPECT_OCTAVO_ERROR(
      code_range(
          {.dtype = DType::kFloat8E5m2, .symmetry = Symmetry::kSymmetric, .reduced_bits = 1}),
      ErrorCode::kInvalidArgument, "float8e5m2", "no fewer bits");
}

TEST(CodeRange, RefusesToTakeOffTooManyBits) {
  for (const int bits : {-1, 7}) {
    EXPECT_OCTAVO_ERROR(code_range({.dtype = DType::kInt8, .reduced_bits = bits}),
                        ErrorCode::kInvalidArgument, std::to_string(bits), "int8", "0 to 6");
  }
}

// Micikevicius et al. 2022 (arXiv 2209.05433), table 1: the largest numbers are 448 and 57344.
TEST(ChooseParams, PutsTheFarthestValueAtAFloatTypesLargestNumber) {
  const Scheme scheme{.dtype = DType::kFloat8E4m3, .symmetry = Symmetry::kSymmetric};
  EXPECT_EQ(choose_params({-1, 4.48}, scheme), (ScaleZeroPoint{0.01F, 0}));
  const QuantParams params{.scheme = scheme, .scale = {0.5F}, .zero_point = {0}};
  // Steps of 16 between 128 and 256, of 2^-9 below 2^-6; ties to even; saturation.
  const Tensor values = Tensor::of<float>({6}, {68.0F, 76.0F, 84.0F, 1000.0F, -1000.0F, 0.0012F});
  const Tensor rounded = fake_quantize(values, params);
  const std::vector<float> expected = {64.0F, 80.0F, 80.0F, 224.0F, -224.0F, 0.0009765625F};
  EXPECT_TRUE(std::ranges::equal(rounded.as<float>(), expected));
}

TEST(ChooseParams, CoversTheRange) {
  EXPECT_EQ(choose_params({-1, 1.55}, kUint8), (ScaleZeroPoint{0.01F, 100}));
  EXPECT_EQ(choose_params({0, 2.55}, kUint8), (ScaleZeroPoint{0.01F, 0}));
  EXPECT_EQ(choose_params({-0.5, 1.27}, kInt8Symmetric), (ScaleZeroPoint{0.01F, 0}));
  const Scheme uint8_symmetric = {.dtype = DType::kUint8, .symmetry = Symmetry::kSymmetric};
  EXPECT_EQ(choose_params({-1.27, 0.5}, uint8_symmetric), (ScaleZeroPoint{0.01F, 128}));
}

TEST(ChooseParams, WidensTheRangeToHoldZero) {
  EXPECT_EQ(choose_params({1, 2.55}, kUint8), choose_params({0, 2.55}, kUint8));
  EXPECT_EQ(choose_params({-2.55, -1}, kUint8), (ScaleZeroPoint{0.01F, 255}));
}

TEST(ChooseParams, GivesScaleOneToAnEmptyRange) {
  EXPECT_EQ(choose_params({0, 0}, kUint8), (ScaleZeroPoint{1, 0}));
  EXPECT_EQ(choose_params({0, 0}, {.dtype = DType::kInt8}), (ScaleZeroPoint{1, 0}));
  EXPECT_EQ(choose_params({0, 0}, {.dtype = DType::kUint8, .narrow_range = true}),
            (ScaleZeroPoint{1, 1}));
  EXPECT_EQ(choose_params({0, 0}, kInt8Symmetric), (ScaleZeroPoint{1, 0}));
}

// What the contract promises of every range and scheme: a finite positive scale, 0 exact, finite
// codes, and no value of the range off by more than half a step.
TEST(ChooseParams, KeepsItsPromisesOnRandomRanges) {
  std::mt19937 random(20261121);
  std::uniform_real_distribution<double> exponent(-40, 37);
  std::uniform_real_distribution<double> fraction(-1, 1);
  for (const Scheme& scheme : all_schemes()) {
    const CodeRange codes = code_range(scheme);
    // int32 steps are finer than float32's own: there float32 decides how near a value comes.
    const double own_error = scheme.dtype == DType::kInt32 ? 0 : 0x1p-21;
    for (int trial = 0; trial < 200; ++trial) {
      const double size = std::pow(10, exponent(random));
      const double a = size * fraction(random);
      const double b = size * fraction(random);
      const Range range = {std::min(a, b), std::max(a, b)};
      SCOPED_TRACE(::testing::Message()
                   << traits(scheme.dtype).name << " [" << range.min << ", " << range.max << "]");
      const ScaleZeroPoint params = choose_params(range, scheme);
      ASSERT_GE(params.scale, std::numeric_limits<float>::min());
      ASSERT_TRUE(std::isfinite(params.scale));
      ASSERT_EQ(dequantize(quantize(0, params, codes), params), 0);
      ASSERT_TRUE(std::isfinite(dequantize(codes.min, params)));
      ASSERT_TRUE(std::isfinite(dequantize(codes.max, params)));
      if (own_error == 0) continue;
      for (const double x : {range.min, range.max, range.min / 3 + range.max / 3}) {
        const float back = dequantize(quantize(static_cast<float>(x), params, codes), params);
        const double allowed = 0.5 * static_cast<double>(params.scale) + own_error * size;
        ASSERT_LE(std::abs(static_cast<double>(back) - x), allowed) << x;
      }
    }
  }
}

TEST(ChooseParams, KeepsTheScaleFiniteAndNormal) {
  const double largest = std::numeric_limits<float>::max();
  EXPECT_EQ(choose_params({0, 1e-44}, kUint8).scale, std::numeric_limits<float>::min());
  for (const Scheme& scheme : all_schemes()) {
    for (const Range& range : {Range{-largest, largest}, Range{-largest, 0}, Range{0, largest}}) {
      const ScaleZeroPoint params = choose_params(range, scheme);
      const CodeRange codes = code_range(scheme);
      EXPECT_TRUE(std::isfinite(dequantize(codes.min, params))) << traits(scheme.dtype).name;
      EXPECT_TRUE(std::isfinite(dequantize(codes.max, params))) << traits(scheme.dtype).name;
      const float back = dequantize(quantize(static_cast<float>(range.max), params, codes), params);
      EXPECT_GE(static_cast<double>(back), 0.4 * range.max) << traits(scheme.dtype).name;
    }
  }
}

TEST(ChooseParams, RefusesRangesThatAreNone) {
  EXPECT_OCTAVO_ERROR(choose_params({1, -1}, kUint8), ErrorCode::kInvalidArgument, "[1, -1]");
  EXPECT_OCTAVO_ERROR(choose_params({0, kInfinity}, kUint8), ErrorCode::kInvalidArgument, "inf");
  EXPECT_OCTAVO_ERROR(choose_params({kNaN, 1}, kUint8), ErrorCode::kInvalidArgument, "nan");
  EXPECT_OCTAVO_ERROR(choose_params({0, 1e39}, kUint8), ErrorCode::kInvalidArgument, "1e+39",
                      "float32");
}

TEST(Quantize, RoundsHalfToEvenAfterADivision) {
  const CodeRange codes = {0, 255};
  EXPECT_EQ(quantize(0.5F, {1, 1}, codes), 1);
  EXPECT_EQ(quantize(2.5F, {1, 0}, codes), 2);
  EXPECT_EQ(quantize(0.273939937F, {0.00214854861F, 0}, codes), 127);
}

TEST(Quantize, Saturates) {
  const CodeRange codes = {-127, 127};
  EXPECT_EQ(quantize(kInfinity, {1e-30F, 5}, codes), 127);
  EXPECT_EQ(quantize(-kInfinity, {1, 5}, codes), -127);
  EXPECT_EQ(quantize(3e38F, {1e-38F, -100}, codes), 127);
  EXPECT_EQ(quantize(kNaN, {1, 5}, codes), 5);
}

TEST(QuantizeTensor, UsesTheScaleOfEachChannel) {
  const Tensor values = Tensor::of<float>({2, 2, 2}, {1, 2, 3, 4, -1, -2, -3, -4});
  const QuantParams params = {
      .scheme = kInt8Symmetric, .scale = {1, 2}, .zero_point = {0, 10}, .axis = 1};
  const Tensor codes = quantize(values, params);
  const Tensor expected = Tensor::of<std::int8_t>({2, 2, 2}, {1, 2, 12, 12, -1, -2, 8, 8});
  EXPECT_TRUE(std::ranges::equal(codes.as<std::int8_t>(), expected.as<std::int8_t>()));
  const Tensor back = dequantize(codes, params);
  EXPECT_EQ(back.as<float>()[2], 4);
  const Tensor fake = fake_quantize(values, params);
  EXPECT_TRUE(std::ranges::equal(back.as<float>(), fake.as<float>()));
}

// Slices shorter and longer than the kernels' vectors, on every axis, for byte and 4-bit codes.
TEST(QuantizeTensor, AgreesWithTheScalarDefinitionOnEveryAxis) {
  std::mt19937 random(20261121);
  for (const Shape& shape : {Shape{5, 7}, Shape{3, 1, 3, 3}, Shape{2, 3, 65}, Shape{1, 2, 64},
                             Shape{2, 0, 3}, Shape{4, 1, 63}, Shape{1}}) {
    Tensor values(DType::kFloat32, shape);
    std::normal_distribution<float> normal(0, 2);
    for (float& value : values.mutable_as<float>()) value = normal(random);
    for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis) {
      for (const DType dtype : {DType::kInt8, DType::kUint4, DType::kInt32}) {
        SCOPED_TRACE(to_string(shape) + " axis " + std::to_string(axis));
        expect_scalar_results(values, channel_params(shape, axis, dtype));
        expect_scalar_results(values,
                              channel_params(shape, axis - static_cast<int>(shape.size()), dtype));
      }
    }
  }
}

// Blocks that divide the axis, that do not, of one element, and longer than the axis.
TEST(QuantizeTensor, AgreesWithTheScalarDefinitionInBlocksOnEveryAxis) {
  std::mt19937 random(20261121);
  for (const Shape& shape : {Shape{5, 7}, Shape{2, 3, 65}, Shape{70, 33}, Shape{2, 0, 3}}) {
    Tensor values(DType::kFloat32, shape);
    std::normal_distribution<float> normal(0, 2);
    for (float& value : values.mutable_as<float>()) value = normal(random);
    for (int axis = 0; axis < static_cast<int>(shape.size()); ++axis) {
      for (const std::int64_t block_size : {1, 2, 16, 100}) {
        for (const DType dtype : {DType::kInt8, DType::kUint4}) {
          SCOPED_TRACE(::testing::Message()
                       << to_string(shape) << " axis " << axis << " blocks of " << block_size);
          expect_block_results(values, block_params(shape, axis, block_size, dtype));
        }
      }
    }
  }
}

TEST(QuantizeTensor, OneBlockASliceIsOneScaleAChannel) {
  const Tensor values = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const QuantParams channels = {
      .scheme = kInt8Symmetric, .scale = {0.1F, 0.2F}, .zero_point = {0, 0}, .axis = 0};
  QuantParams blocks = channels;
  blocks.axis = 1;
  blocks.block_size = 3;
  EXPECT_EQ(channels.granularity(), Granularity::kPerChannel);
  EXPECT_EQ(blocks.granularity(), Granularity::kPerBlock);
  EXPECT_TRUE(
      std::ranges::equal(quantize(values, channels).bytes(), quantize(values, blocks).bytes()));
}

TEST(QuantizeTensor, ScalesOfBlocksHaveTheShapeOfOnnx) {
  EXPECT_EQ(scale_shape({5, 7}, std::nullopt, 0), Shape{});
  EXPECT_EQ(scale_shape({5, 7}, 1, 0), Shape{7});
  EXPECT_EQ(scale_shape({5, 7}, 1, 3), (Shape{5, 3}));
  EXPECT_EQ(scale_shape({5, 7, 2}, -2, 7), (Shape{5, 1, 2}));
}

TEST(QuantizeTensor, RefusesBlocksThatDoNotFit) {
  const Tensor values(DType::kFloat32, {2, 3});
  QuantParams params = {.scheme = kUint8, .scale = {1, 1, 1}, .zero_point = {0, 0, 0}, .axis = 1};
  params.block_size = 2;
  EXPECT_OCTAVO_ERROR(quantize(values, params), ErrorCode::kInvalidArgument, "3 scales", "[2, 3]",
                      "expected 4");
  params.block_size = -1;
  EXPECT_OCTAVO_ERROR(quantize(values, params), ErrorCode::kInvalidArgument, "block size -1");
  params = {.scheme = kUint8, .scale = {1}, .zero_point = {0}, .axis = {}, .block_size = 2};
  EXPECT_OCTAVO_ERROR(quantize(values, params), ErrorCode::kInvalidArgument, "without an axis");
  params = {.scheme = kUint8, .scale = {1, 0, 1, 1}, .zero_point = {0, 0, 0, 0}, .axis = 1};
  params.block_size = 2;
  EXPECT_OCTAVO_ERROR(quantize(values, params), ErrorCode::kInvalidArgument, "scale 0", "block 1");
}

TEST(QuantizeTensor, PacksFourBitCodes) {
  const QuantParams params = {.scheme = {.dtype = DType::kInt4}, .scale = {1}, .zero_point = {0}};
  const Tensor codes = quantize(Tensor::of<float>({3}, {-1, -9, 7}), params);
  EXPECT_EQ(codes.bytes()[0], std::byte{0x8F});
  EXPECT_EQ(codes.bytes()[1], std::byte{0x07});
}

TEST(QuantizeTensor, RefusesParametersThatDoNotFit) {
  const Tensor values(DType::kFloat32, {2, 3});
  const QuantParams per_tensor = {.scheme = kUint8, .scale = {1}, .zero_point = {0}};
  QuantParams params = per_tensor;
  params.axis = 1;
  EXPECT_OCTAVO_ERROR(quantize(values, params), ErrorCode::kInvalidArgument, "1 scales", "[2, 3]",
                      "expected 3");
  params.axis = 2;
  EXPECT_OCTAVO_ERROR(quantize(values, params), ErrorCode::kInvalidArgument, "axis 2", "-2 to 1");
  params = per_tensor;
  params.scale = {0};
  EXPECT_OCTAVO_ERROR(quantize(values, params), ErrorCode::kInvalidArgument, "scale 0", "channel 0",
                      "finite positive");
  params = per_tensor;
  params.zero_point = {256};
  EXPECT_OCTAVO_ERROR(quantize(values, params), ErrorCode::kInvalidArgument, "zero point 256",
                      "0 to 255");
}

TEST(QuantizeTensor, RefusesOtherElementTypes) {
  const QuantParams params = {.scheme = kUint8, .scale = {1}, .zero_point = {0}};
  const Tensor wrong(DType::kInt8, {2});
  EXPECT_OCTAVO_ERROR(quantize(wrong, params), ErrorCode::kInvalidArgument, "int8", "float32");
  EXPECT_OCTAVO_ERROR(fake_quantize(wrong, params), ErrorCode::kInvalidArgument, "int8", "float32");
  EXPECT_OCTAVO_ERROR(dequantize(wrong, params), ErrorCode::kInvalidArgument, "int8", "uint8");
}

}  // namespace
}  // namespace octavo
