#include "core/reference/integer_product.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "support/error_matchers.h"

namespace octavo {
namespace {

using Codes = std::vector<std::int32_t>;

TEST(IntegerProduct, TakesZeroPointsOff) {
  const Codes activations = {10, 20, 30, 40};  // [2, 2]
  const Codes weights = {1, 3, -2, 4};         // [2, 2]: the columns (1, 3) and (-2, 4)
  const IntegerProduct product =
      multiply({2, 2, 2, activations, weights, 10, {0, 1}}, Accumulation::kInt32);
  // (0, 10) and (20, 30) times (1, 3) and (-3, 3).
  EXPECT_EQ(product.sums, (Codes{30, 30, 110, 30}));
  EXPECT_EQ(product.pairs, 0);
  EXPECT_EQ(product.saturated_pairs, 0);
}

TEST(IntegerProduct, PairsSaturateIn16Bits) {
  // 255 * 127 * 2 = 64,770 and 255 * -127 * 2: VPMADDUBSW gives 32,767 and -32,768.
  const Codes activations = {255, 255, 255, 255, 1};
  const Codes weights = {127, 127, -127, -127, 5};
  const IntegerOperands operands{1, 5, 1, activations, weights, 0, {0}};
  const IntegerProduct exact = multiply(operands, Accumulation::kInt32);
  EXPECT_EQ(exact.sums, Codes{5});
  const IntegerProduct paired = multiply(operands, Accumulation::kInt16Pairs);
  EXPECT_EQ(paired.sums, Codes{32767 - 32768 + 5});
  EXPECT_EQ(paired.pairs, 3);
  EXPECT_EQ(paired.saturated_pairs, 2);
  EXPECT_EQ(paired.damaged_sums, 1);
}

TEST(IntegerProduct, NeighboursThatCancelDoNotSaturate) {
  const Codes activations = {255, 255};
  const Codes weights = {127, -128};
  const IntegerProduct product =
      multiply({1, 2, 1, activations, weights, 0, {0}}, Accumulation::kInt16Pairs);
  EXPECT_EQ(product.sums, Codes{-255});
  EXPECT_EQ(product.saturated_pairs, 0);
}

TEST(IntegerProduct, SevenBitWeightsNeverSaturate) {
  constexpr unsigned kSeed = 3;
  std::mt19937 random(kSeed);
  Codes activations(40 * 33);
  Codes weights(33 * 9);
  for (std::int32_t& code : activations) code = static_cast<std::int32_t>(random() % 256);
  for (std::int32_t& code : weights) code = static_cast<std::int32_t>(random() % 129) - 64;
  const IntegerOperands operands{40, 33, 9, activations, weights, 128, {0}};
  const IntegerProduct paired = multiply(operands, Accumulation::kInt16Pairs);
  EXPECT_EQ(paired.saturated_pairs, 0) << "random seed " << kSeed;
  EXPECT_EQ(paired.sums, multiply(operands, Accumulation::kInt32).sums);
  EXPECT_EQ(paired.pairs, 40 * 9 * 17);
}

#if defined(__x86_64__)
// The instruction itself: eight pairs of 16 bits.
__attribute__((target("ssse3"))) std::int64_t sum_of_pmaddubsw(std::span<const std::int32_t> a,
                                                               std::span<const std::int32_t> w) {
  using Bytes = char __attribute__((vector_size(16)));
  Bytes left{};
  Bytes right{};
  for (int i = 0; i < 16; ++i) {
    left[i] = static_cast<char>(a[i]);
    right[i] = static_cast<char>(w[i]);
  }
  const auto pairs = __builtin_ia32_pmaddubsw128(left, right);
  std::int64_t sum = 0;
  for (int i = 0; i < 8; ++i) sum += static_cast<std::int16_t>(pairs[i]);
  return sum;
}

TEST(IntegerProduct, PairsAreTheInstructionsOwn) {
  if (!__builtin_cpu_supports("ssse3")) GTEST_SKIP() << "no PMADDUBSW here";
  constexpr unsigned kSeed = 5;
  constexpr int kRounds = 2000;
  std::mt19937 random(kSeed);
  std::size_t saturated = 0;
  for (int round = 0; round < kRounds; ++round) {
    Codes activations(16);
    Codes weights(16);
    for (std::int32_t& code : activations) code = static_cast<std::int32_t>(random() % 256);
    for (std::int32_t& code : weights) code = static_cast<std::int32_t>(random() % 256) - 128;
    const IntegerProduct product =
        multiply({1, 16, 1, activations, weights, 0, {0}}, Accumulation::kInt16Pairs);
    ASSERT_EQ(product.sums[0], sum_of_pmaddubsw(activations, weights))
        << "random seed " << kSeed << ", round " << round;
    saturated += product.saturated_pairs;
  }
  EXPECT_GT(saturated, 100U);
}
#endif

TEST(IntegerProduct, RefusesWhatDoesNotFit) {
  const Codes codes(6);
  EXPECT_OCTAVO_ERROR(multiply({2, 3, 1, codes, codes, 0, {0}}, Accumulation::kInt32),
                      ErrorCode::kInvalidArgument, "6 and 6 codes", "[2, 3] x [3, 1]");
}

}  // namespace
}  // namespace octavo
