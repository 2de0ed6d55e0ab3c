#include "octavo/dtype.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <string>

#include "support/error_matchers.h"

namespace octavo {
namespace {

class DTypeTest : public ::testing::TestWithParam<DTypeTraits> {};

TEST_P(DTypeTest, IsFoundUnderItsNumberAndItsName) {
  const DTypeTraits& type = GetParam();
  EXPECT_EQ(traits(type.dtype).name, type.name);
  EXPECT_EQ(dtype_from_name(type.name), type.dtype);
  EXPECT_EQ(dtype_from_onnx(to_onnx(type.dtype)), type.dtype);
}

TEST_P(DTypeTest, EncodesItsExtremesAndZeroExactly) {
  const DTypeTraits& type = GetParam();
  for (const double value : {type.lowest, type.highest, 0.0, 1.0}) {
    std::array<std::byte, 16> bytes{};
    type.encode(bytes.data(), 1, value);
    EXPECT_EQ(type.decode(bytes.data(), 1), value) << type.name;
    EXPECT_EQ(type.decode(bytes.data(), 0), 0.0) << type.name << ": the neighbour was touched";
  }
}

INSTANTIATE_TEST_SUITE_P(AllDTypes, DTypeTest, ::testing::ValuesIn(all_dtypes()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(DTypeFromName, NamesTheKnownOnesInItsError) {
  EXPECT_OCTAVO_ERROR(dtype_from_name("int9"), ErrorCode::kInvalidArgument, "\"int9\"", "int8",
                      "float8e5m2");
}

TEST(DTypeFromOnnx, RefusesUnknownNumbers) {
  for (const int number : {0, 14, 18, 99, 257, -1}) {
    EXPECT_OCTAVO_ERROR(dtype_from_onnx(number), ErrorCode::kUnsupported, std::to_string(number));
  }
}

TEST(Traits, RefusesStrings) {
  EXPECT_OCTAVO_ERROR(traits(DType::kString), ErrorCode::kUnsupported, "8");
}

}  // namespace
}  // namespace octavo
