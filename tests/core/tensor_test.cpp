#include "octavo/tensor.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "support/error_matchers.h"

namespace octavo {
namespace {

TEST(ElementCount, MultipliesTheDimensions) {
  EXPECT_EQ(element_count({}), 1U);
  EXPECT_EQ(element_count({2, 3, 4}), 24U);
  EXPECT_EQ(element_count({2, 0, 4}), 0U);
}

TEST(ElementCount, RefusesNegativeDimensionsAndOverflow) {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  EXPECT_OCTAVO_ERROR(element_count({2, -3}), ErrorCode::kInvalidArgument, "[2, ?]", "-3");
  EXPECT_OCTAVO_ERROR(element_count({kHuge, 4}), ErrorCode::kInvalidArgument,
                      "more elements than memory can address");
  EXPECT_EQ(element_count({kHuge, 4, 0}), 0U);
  // 2^62 float32 have 2^67 bits, which wrap to none.
  EXPECT_OCTAVO_ERROR(Tensor(DType::kFloat32, {std::int64_t{1} << 62}, {}),
                      ErrorCode::kInvalidArgument, "more elements than memory can address");
}

TEST(ShapeToString, PrintsFreeDimensionsAsQuestionMarks) {
  EXPECT_EQ(to_string(Shape{}), "[]");
  EXPECT_EQ(to_string(Shape{-1, 3, 224}), "[?, 3, 224]");
}

TEST(Tensor, StartsZeroFilled) {
  const Tensor tensor(DType::kInt16, {2, 3});
  EXPECT_EQ(tensor.size(), 6U);
  for (const std::int16_t value : tensor.as<std::int16_t>()) EXPECT_EQ(value, 0);
}

TEST(Tensor, HoldsTheValuesItIsMadeOf) {
  const std::vector<float> values = {1, 2, 3};
  const Tensor tensor = Tensor::of<float>({3}, values);
  EXPECT_EQ(tensor.dtype(), DType::kFloat32);
  EXPECT_EQ(tensor.at(1), 2);
  EXPECT_EQ(tensor.as<float>()[2], 3);
  EXPECT_EQ(Tensor::of<bool>({2}, {true, false}).as<bool>()[0], true);
  EXPECT_EQ(Tensor::of<std::int64_t>({}, {7}).at(0), 7);
}

TEST(Tensor, PacksFourBitElementsTwoAByte) {
  const Tensor tensor(DType::kInt4, {3}, {std::byte{0x8F}, std::byte{0x07}});
  EXPECT_EQ(tensor.at(0), -1);
  EXPECT_EQ(tensor.at(1), -8);
  EXPECT_EQ(tensor.at(2), 7);
}

TEST(Tensor, RefusesTheWrongNumberOfValues) {
  EXPECT_OCTAVO_ERROR(Tensor::of<float>({2, 2}, {1, 2, 3}), ErrorCode::kInvalidArgument, "12 bytes",
                      "float32", "[2, 2]", "16");
}

TEST(Tensor, RefusesToBeReadAsAnotherType) {
  const Tensor tensor(DType::kFloat32, {2});
  EXPECT_OCTAVO_ERROR(tensor.as<std::int8_t>(), ErrorCode::kInvalidArgument, "float32", "[2]",
                      "int8");
}

TEST(Tensor, ConvertsToFloat32) {
  const Tensor converted = Tensor::of<std::int8_t>({2}, {-128, 5}).to_float32();
  EXPECT_EQ(converted.as<float>()[0], -128.0F);
  EXPECT_EQ(converted.as<float>()[1], 5.0F);
}

TEST(Tensor, TakesAnotherShapeOfTheSameSize) {
  const Tensor tensor = Tensor::of<float>({2, 2}, {1, 2, 3, 4}).reshaped({4, 1});
  EXPECT_EQ(tensor.shape(), (Shape{4, 1}));
  EXPECT_EQ(tensor.at(3), 4);
  EXPECT_OCTAVO_ERROR(tensor.reshaped({3}), ErrorCode::kInvalidArgument, "[4, 1]", "4 elements",
                      "[3]");
}

}  // namespace
}  // namespace octavo
