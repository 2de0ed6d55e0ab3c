// Every code of every type of up to 16 bits, through decode and encode.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "octavo/dtype.h"

namespace octavo {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

unsigned code_count(const DTypeTraits& type) { return 1U << type.bits; }

double decode(const DTypeTraits& type, unsigned code) {
  std::array<std::byte, 2> bytes{};
  std::memcpy(bytes.data(), &code, bytes.size());
  return type.decode(bytes.data(), 0);
}

unsigned encode(const DTypeTraits& type, double value) {
  std::array<std::byte, 2> bytes{};
  type.encode(bytes.data(), 0, value);
  unsigned code = 0;
  std::memcpy(&code, bytes.data(), bytes.size());
  return code;
}

// The finite values in ascending order, each zero once, with the code of each.
struct CodedValue {
  double value = 0;
  unsigned code = 0;
};

std::vector<CodedValue> finite_values(const DTypeTraits& type) {
  std::vector<CodedValue> values;
  for (unsigned code = 0; code < code_count(type); ++code) {
    const double value = decode(type, code);
    const bool is_negative_zero = value == 0 && std::signbit(value);
    if (std::isfinite(value) && !is_negative_zero) values.push_back({value, code});
  }
  std::ranges::sort(values, {}, &CodedValue::value);
  return values;
}

class CodecTest : public ::testing::TestWithParam<DTypeTraits> {};

TEST_P(CodecTest, EncodesWhatItDecodes) {
  const DTypeTraits& type = GetParam();
  for (unsigned code = 0; code < code_count(type); ++code) {
    const double value = decode(type, code);
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(encode(type, value), code) << value;
  }
}

TEST_P(CodecTest, RoundsToTheNearerNeighbourAndTiesToTheEvenCode) {
  const DTypeTraits& type = GetParam();
  const std::vector<CodedValue> values = finite_values(type);
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    const auto [lower, lower_code] = values[i];
    const auto [upper, upper_code] = values[i + 1];
    ASSERT_LT(lower, upper);
    const double middle = lower + (upper - lower) / 2;
    const double even = lower_code % 2 == 0 ? lower : upper;
    ASSERT_EQ(decode(type, encode(type, middle)), even) << middle;
    ASSERT_EQ(decode(type, encode(type, std::nextafter(middle, lower))), lower) << middle;
    ASSERT_EQ(decode(type, encode(type, std::nextafter(middle, upper))), upper) << middle;
  }
}

TEST_P(CodecTest, SaturatesFiniteValues) {
  const DTypeTraits& type = GetParam();
  const std::vector<CodedValue> values = finite_values(type);
  EXPECT_EQ(values.front().value, type.lowest);
  EXPECT_EQ(values.back().value, type.highest);
  for (const double factor : {1.001, 2.0, 1e10, 1e260}) {
    EXPECT_EQ(encode(type, type.highest * factor), values.back().code);
    EXPECT_EQ(encode(type, -type.highest * factor - 1), values.front().code);
  }
}

TEST_P(CodecTest, GivesInfinityAndNaNTheirDefinedCodes) {
  const DTypeTraits& type = GetParam();
  const double nan = decode(type, encode(type, std::numeric_limits<double>::quiet_NaN()));
  const double infinity = decode(type, encode(type, kInfinity));
  const double negative_infinity = decode(type, encode(type, -kInfinity));
  if (type.is_integer()) {
    EXPECT_EQ(nan, 0);
  } else {
    EXPECT_TRUE(std::isnan(nan));
  }
  const bool keeps_infinity = type.kind == DTypeKind::kFloat && type.bits >= 16;
  EXPECT_EQ(infinity, keeps_infinity ? kInfinity : type.highest);
  EXPECT_EQ(negative_infinity, keeps_infinity ? -kInfinity : type.lowest);
}

TEST_P(CodecTest, LeavesNeighboursAlone) {
  const DTypeTraits& type = GetParam();
  for (std::size_t target = 0; target < 4; ++target) {
    std::array<std::byte, 8> bytes{};
    for (std::size_t i = 0; i < 4; ++i) type.encode(bytes.data(), i, type.highest);
    type.encode(bytes.data(), target, 1);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(type.decode(bytes.data(), i), i == target ? 1 : type.highest);
    }
  }
}

std::vector<DTypeTraits> narrow_dtypes() {
  std::vector<DTypeTraits> narrow;
  for (const DTypeTraits& type : all_dtypes()) {
    if (type.bits <= 16 && type.kind != DTypeKind::kOther) narrow.push_back(type);
  }
  return narrow;
}

INSTANTIATE_TEST_SUITE_P(AllNarrowDTypes, CodecTest, ::testing::ValuesIn(narrow_dtypes()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

// A slow oracle of the small floating-point formats: the published layout read bit by bit, with
// nothing but doubling and halving.
struct Layout {
  DType dtype;
  int exponent_bits;
  int mantissa_bits;
  bool has_infinity;  // IEEE 754: the highest exponent holds infinity and NaN. Otherwise only its
                      // last code is NaN.
};

double scaled_by_two(double value, int power) {
  for (; power > 0; --power) value *= 2;
  for (; power < 0; ++power) value /= 2;
  return value;
}

double slow_decode(const Layout& layout, unsigned code) {
  const unsigned mantissa_end = 1U << layout.mantissa_bits;
  const unsigned exponent_end = 1U << layout.exponent_bits;
  const int bias = static_cast<int>(exponent_end / 2) - 1;
  const unsigned mantissa = code % mantissa_end;
  const unsigned exponent = code / mantissa_end % exponent_end;
  const double sign = code / mantissa_end / exponent_end == 1 ? -1 : 1;
  double fraction = exponent == 0 ? 0 : 1;
  for (int bit = 0; bit < layout.mantissa_bits; ++bit) {
    if ((mantissa >> bit) % 2 == 1) fraction += scaled_by_two(1, bit - layout.mantissa_bits);
  }
  if (exponent == exponent_end - 1) {
    if (layout.has_infinity) return mantissa == 0 ? sign * kInfinity : std::nan("");
    if (mantissa == mantissa_end - 1) return std::nan("");
  }
  return sign * scaled_by_two(fraction, std::max(static_cast<int>(exponent), 1) - bias);
}

class SmallFloatTest : public ::testing::TestWithParam<Layout> {};

TEST_P(SmallFloatTest, DecodesAsThePublishedLayoutSays) {
  const DTypeTraits& type = traits(GetParam().dtype);
  for (unsigned code = 0; code < code_count(type); ++code) {
    const double expected = slow_decode(GetParam(), code);
    const double value = decode(type, code);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(value)) << code;
    } else {
      ASSERT_EQ(value, expected) << code;
      ASSERT_EQ(std::signbit(value), std::signbit(expected)) << code;
    }
  }
}

TEST_P(SmallFloatTest, KeepsTheSignOfWhatRoundsToZero) {
  const DTypeTraits& type = traits(GetParam().dtype);
  const unsigned sign_bit = code_count(type) / 2;
  for (const double tiny : {0.0, 1e-300, 5e-324}) {
    EXPECT_EQ(encode(type, tiny), 0U);
    EXPECT_EQ(encode(type, -tiny), sign_bit);
  }
}

INSTANTIATE_TEST_SUITE_P(AllSmallFloats, SmallFloatTest,
                         ::testing::Values(Layout{DType::kFloat16, 5, 10, true},
                                           Layout{DType::kBfloat16, 8, 7, true},
                                           Layout{DType::kFloat8E4m3, 4, 3, false},
                                           Layout{DType::kFloat8E5m2, 5, 2, true}),
                         [](const auto& parameter) {
                           return std::string(traits(parameter.param.dtype).name);
                         });

TEST(WideCodecs, SaturateAtTheirEndsAndTreatNaNAsZero) {
  for (const DTypeTraits& type : all_dtypes()) {
    if (type.bits < 32 || !type.is_integer()) continue;
    std::array<std::byte, 8> bytes{};
    const auto round_trip = [&](double value) {
      type.encode(bytes.data(), 0, value);
      return type.decode(bytes.data(), 0);
    };
    EXPECT_EQ(round_trip(1e30), type.highest) << type.name;
    EXPECT_EQ(round_trip(-1e30), type.lowest) << type.name;
    EXPECT_EQ(round_trip(kInfinity), type.highest) << type.name;
    EXPECT_EQ(round_trip(std::nan("")), 0) << type.name;
    EXPECT_EQ(round_trip(2.5), 2) << type.name;
    EXPECT_EQ(round_trip(3.5), 4) << type.name;
  }
}

TEST(Int64Codec, ReachesItsVeryEnds) {
  std::int64_t stored = 0;
  traits(DType::kInt64).encode(reinterpret_cast<std::byte*>(&stored), 0, 1e30);
  EXPECT_EQ(stored, std::numeric_limits<std::int64_t>::max());
  traits(DType::kInt64).encode(reinterpret_cast<std::byte*>(&stored), 0, -1e30);
  EXPECT_EQ(stored, std::numeric_limits<std::int64_t>::min());
}

TEST(Float32Codec, RoundsOnceAndKeepsFiniteValuesFinite) {
  float stored = 0;
  const auto encode_float = [&](double value) {
    traits(DType::kFloat32).encode(reinterpret_cast<std::byte*>(&stored), 0, value);
    return stored;
  };
  EXPECT_EQ(encode_float(1e300), std::numeric_limits<float>::max());
  EXPECT_EQ(encode_float(-1e300), std::numeric_limits<float>::lowest());
  EXPECT_EQ(encode_float(kInfinity), std::numeric_limits<float>::infinity());
  EXPECT_EQ(encode_float(1 + 0x1p-24), 1.0F);
  EXPECT_EQ(encode_float(1 + 0x3p-24), 1.0F + 0x1p-22F);
}

TEST(BoolCodec, TakesEverythingButZeroForTrue) {
  for (const double value : {1.0, -1.0, 0.1, kInfinity, std::nan("")}) {
    EXPECT_EQ(encode(traits(DType::kBool), value), 1U) << value;
  }
  EXPECT_EQ(encode(traits(DType::kBool), 0.0), 0U);
  EXPECT_EQ(encode(traits(DType::kBool), -0.0), 0U);
}

}  // namespace
}  // namespace octavo
