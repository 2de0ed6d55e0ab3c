#include "data/value_map.h"

#include <gtest/gtest.h>

#include "data/test_files.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

TEST(MapValues, LeavesEverythingAloneWithoutSteps) {
  const Tensor tensor = map_values(testing::counting_tensor<std::int64_t>({3}), {}, "x");
  EXPECT_EQ(tensor.dtype(), DType::kInt64);
}

TEST(MapValues, InTheDocumentedOrder) {
  const ValueSteps steps{.divide = 4, .mean = {1}, .standard_deviation = {0.5}, .multiply = 3};
  const Tensor tensor = map_values(Tensor::of<float>({1}, {8.0F}), steps, "x");
  EXPECT_EQ(tensor.as<float>()[0], ((8.0F / 4 - 1) / 0.5F) * 3);
}

TEST(MapValues, ByChannelOnTheLastAxis) {
  const ValueSteps steps{.mean = {1, 10, 100}};
  const Tensor tensor = map_values(Tensor::of<float>({2, 3}, {1, 10, 100, 2, 20, 200}), steps, "x");
  const auto values = tensor.as<float>();
  EXPECT_EQ(std::vector<float>(values.begin(), values.end()),
            (std::vector<float>{0, 0, 0, 1, 10, 100}));
}

// The table for 8-bit types and the plain loop must not differ in a bit.
TEST(MapValues, TakesBytesAsItTakesFloats) {
  const ValueSteps steps{.divide = 255,
                         .mean = {0.485, 0.456, 0.406},
                         .standard_deviation = {0.229, 0.224, 0.225},
                         .multiply = 0.7};
  for (const DType dtype : {DType::kUint8, DType::kInt8}) {
    Tensor bytes(dtype, {256, 3});
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes.mutable_bytes()[i] = static_cast<std::byte>(i / 3);
    }
    const Tensor mapped = map_values(bytes, steps, "x");
    const Tensor expected = map_values(bytes.to_float32(), steps, "x");
    EXPECT_TRUE(std::ranges::equal(mapped.as<float>(), expected.as<float>()));
  }
}

TEST(MapValues, OfAnInt8CodeIsItsRealValue) {
  const ValueSteps steps{.mean = {83}, .multiply = 0.5847029};
  const Tensor tensor = map_values(Tensor::of<std::int8_t>({2}, {83, -128}), steps, "x");
  EXPECT_EQ(tensor.as<float>()[0], 0);
  EXPECT_EQ(tensor.as<float>()[1], -211 * 0.5847029F);
}

TEST(MapValues, OfEmptyAndScalarTensors) {
  const ValueSteps steps{.divide = 2};
  EXPECT_EQ(map_values(Tensor(DType::kUint8, {0, 3}), steps, "x").size(), 0U);
  EXPECT_EQ(map_values(Tensor::of<float>({}, {3.0F}), steps, "x").as<float>()[0], 1.5F);
}

TEST(MapValues, RefusesAnotherNumberOfChannels) {
  EXPECT_OCTAVO_ERROR(map_values(Tensor(DType::kUint8, {2, 2, 1}), {.mean = {1, 2, 3}}, "cat.png"),
                      ErrorCode::kInvalidData, "cat.png", "mean has 3 values",
                      "each of 1 channels");
  EXPECT_OCTAVO_ERROR(
      map_values(Tensor(DType::kUint8, {2, 2, 4}), {.standard_deviation = {1, 2}}, "cat.png"),
      ErrorCode::kInvalidData, "std has 2 values", "each of 4 channels");
}

}  // namespace
}  // namespace octavo
