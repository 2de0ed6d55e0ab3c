// Every kernel, on every instruction set that this processor has, against the contract's scalar
// definition: bit for bit.
#include "core/kernels/code_kernels.h"

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "support/error_matchers.h"

namespace octavo {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
constexpr float kLargest = std::numeric_limits<float>::max();
constexpr std::uint32_t kSeed = 20261121;

// Confines Highway to one instruction set for its lifetime.
class InstructionSet {
 public:
  explicit InstructionSet(std::int64_t target) { use(target); }
  ~InstructionSet() { use(0); }
  InstructionSet(const InstructionSet&) = delete;
  InstructionSet& operator=(const InstructionSet&) = delete;

 private:
  static void use(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

std::vector<ScaleZeroPoint> parameters_of(DType dtype) {
  const DTypeTraits& type = traits(dtype);
  const auto lowest = static_cast<std::int32_t>(type.lowest);
  const auto highest = static_cast<std::int32_t>(type.highest);
  std::vector<ScaleZeroPoint> parameters;
  for (const float scale : {1.0F, 0.00214854861F, 0.1F, 1e-30F, 3e38F, kSmallest}) {
    for (const std::int32_t zero_point : {lowest, 0, 1, 3, highest}) {
      parameters.push_back({scale, zero_point});
    }
  }
  return parameters;
}

std::vector<CodeRange> code_ranges_of(DType dtype) {
  return {code_range({.dtype = dtype}), code_range({.dtype = dtype, .narrow_range = true}),
          code_range({.dtype = dtype, .reduced_bits = 1})};
}

// What tells implementations apart: ties and their neighbours, the ends of the range, signed zeros,
// subnormal, huge, infinite and undefined values.
std::vector<float> adversarial_values(float scale, CodeRange range) {
  std::vector<float> values = {0.0F,          -0.0F,          kNaN,      -kNaN,     kInfinity,
                               -kInfinity,    kLargest,       -kLargest, kSmallest, -kSmallest,
                               1e-39F,        -1e-39F,        0.5F,      2.5F,      0.273939937F,
                               2147483648.0F, -2147483904.0F, 1e10F,     -1e10F,    8388609.0F};
  const double span = static_cast<double>(range.max) - range.min;
  for (const double steps :
       {0.5, 1.5, 2.5, 3.5, span / 2, span - 0.5, span, span + 0.5, 2 * span}) {
    const auto tie = static_cast<float>(steps * static_cast<double>(scale));
    for (const float value : {tie, std::nextafter(tie, 0.0F), std::nextafter(tie, kInfinity)}) {
      values.push_back(value);
      values.push_back(-value);
    }
  }
  return values;
}

// Any bit pattern: most of them huge or tiny. Half are brought near the codes.
std::vector<float> random_values(std::size_t count, float scale, std::mt19937& random) {
  std::vector<float> values(count);
  std::uniform_real_distribution<float> near_codes(-300, 300);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = i % 2 == 0 ? std::bit_cast<float>(static_cast<std::uint32_t>(random()))
                           : near_codes(random) * scale;
  }
  return values;
}

std::vector<std::uint32_t> bits_of(std::span<const float> values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

class CodeKernelsTest : public ::testing::TestWithParam<CodeKernels> {
 protected:
  // Compares the three kernels on one run that begins at element `first` of its buffer.
  void check(const std::vector<float>& values, const RunParams& params, CodeRange range,
             std::size_t first) const {
    const DTypeTraits& type = traits(GetParam().dtype);
    const std::size_t buffer_bytes = type.bytes(first + values.size() + 3);
    std::vector<std::byte> codes(buffer_bytes, std::byte{0x5A});
    std::vector<std::byte> expected_codes = codes;
    std::vector<float> expected;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::int32_t code = quantize(values[i], params.at(i), range);
      type.encode(expected_codes.data(), first + i, code);
      expected.push_back(dequantize(code, params.at(i)));
    }

    GetParam().quantize(values, params, range, codes.data(), first);
    ASSERT_EQ(codes, expected_codes);
    std::vector<float> results(values.size());
    GetParam().dequantize(codes.data(), first, params, results);
    ASSERT_EQ(bits_of(results), bits_of(expected));
    std::ranges::fill(results, 0.0F);
    GetParam().fake_quantize(values, params, range, results);
    ASSERT_EQ(bits_of(results), bits_of(expected));
  }

  template <typename Check>
  static void on_each_instruction_set(Check check_one) {
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      SCOPED_TRACE(hwy::TargetName(target));
      const InstructionSet only(target);
      check_one();
    }
  }
};

TEST_P(CodeKernelsTest, AgreeOnAdversarialAndRandomValues) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  on_each_instruction_set([&] {
    std::mt19937 random(kSeed);
    for (const ScaleZeroPoint& one : parameters_of(GetParam().dtype)) {
      SCOPED_TRACE(::testing::Message() << "scale " << one.scale << ", zero " << one.zero_point);
      const RunParams params = {{&one.scale, 1}, {&one.zero_point, 1}};
      for (const CodeRange range : code_ranges_of(GetParam().dtype)) {
        check(adversarial_values(one.scale, range), params, range, 0);
        check(random_values(2000, one.scale, random), params, range, 0);
      }
    }
  });
}

TEST_P(CodeKernelsTest, AgreeAtEveryLengthAndOffset) {
  constexpr float kScale = 0.1F;
  constexpr std::int32_t kZeroPoint = 1;
  const CodeRange range = code_range({.dtype = GetParam().dtype});
  const RunParams params = {{&kScale, 1}, {&kZeroPoint, 1}};
  on_each_instruction_set([&] {
    std::mt19937 random(kSeed);
    for (std::size_t count = 0; count <= 67; ++count) {
      const std::vector<float> values = random_values(count, kScale, random);
      for (const std::size_t first : {0U, 1U, 2U}) check(values, params, range, first);
    }
    for (const std::size_t count : {1023U, 1024U, 1025U}) {
      check(random_values(count, kScale, random), params, range, 1);
    }
  });
}

TEST_P(CodeKernelsTest, AgreeWithOneScaleAnElement) {
  const CodeRange range = code_range({.dtype = GetParam().dtype});
  const std::vector<ScaleZeroPoint> parameters = parameters_of(GetParam().dtype);
  on_each_instruction_set([&] {
    std::mt19937 random(kSeed);
    for (std::size_t count = 2; count <= 67; ++count) {
      std::vector<float> scales;
      std::vector<std::int32_t> zero_points;
      for (std::size_t i = 0; i < count; ++i) {
        const ScaleZeroPoint& one = parameters[random() % parameters.size()];
        scales.push_back(one.scale);
        zero_points.push_back(one.zero_point);
      }
      std::vector<float> values = random_values(count, 1, random);
      for (std::size_t i = 0; i < count; i += 3) values[i] *= scales[i];
      check(values, {scales, zero_points}, range, count % 3);
    }
  });
}

INSTANTIATE_TEST_SUITE_P(AllCodeKernels, CodeKernelsTest, ::testing::ValuesIn(all_code_kernels()),
                         [](const auto& parameter) {
                           return std::string(traits(parameter.param.dtype).name);
                         });

TEST(CodeKernels, ServeEveryTypeThatACodeRangeCanHave) {
  for (const DTypeTraits& type : all_dtypes()) {
    bool holds_codes = true;
    try {
      code_range({.dtype = type.dtype, .symmetry = Symmetry::kSymmetric});
    } catch (const Error&) {
      holds_codes = false;
    }
    if (holds_codes) {
      EXPECT_EQ(code_kernels(type.dtype).dtype, type.dtype);
    } else {
      EXPECT_OCTAVO_ERROR(code_kernels(type.dtype), ErrorCode::kUnsupported, "no kernel",
                          type.name);
    }
  }
}

}  // namespace
}  // namespace octavo
