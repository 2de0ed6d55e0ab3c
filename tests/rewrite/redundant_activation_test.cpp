#include "rewrite/redundant_activation.h"

#include <gtest/gtest.h>

#include <limits>

namespace octavo {
namespace {

constexpr double kUnbounded = std::numeric_limits<float>::max();
constexpr CodeRange kUint8{0, 255};
constexpr CodeRange kInt8{-128, 127};

TEST(RedundantActivation, ReluIsRedundantExactlyWhereZeroIsTheLowestCode) {
  EXPECT_TRUE(is_redundant_before({0, kUnbounded}, {0.1F, 0}, kUint8));
  EXPECT_FALSE(is_redundant_before({0, kUnbounded}, {0.1F, 1}, kUint8));
  EXPECT_TRUE(is_redundant_before({0, kUnbounded}, {0.1F, -128}, kInt8));
  EXPECT_FALSE(is_redundant_before({0, kUnbounded}, {0.1F, 0}, kInt8));
}

TEST(RedundantActivation, ClipIsRedundantWhereTheCodesEndNoLater) {
  EXPECT_TRUE(is_redundant_before({0, 6}, {6.0F / 255, 0}, kUint8));
  EXPECT_TRUE(is_redundant_before({0, 6}, {4.0F / 255, 0}, kUint8));
  EXPECT_FALSE(is_redundant_before({0, 6}, {7.0F / 255, 0}, kUint8));
  EXPECT_TRUE(is_redundant_before({-1, 1}, {1.9F / 255, 128}, kUint8));
  // 1 / scale is 127.49999: code 255 lies half a step beyond 1, where the Clip does have an effect.
  EXPECT_FALSE(is_redundant_before({-1, 1}, {2.0F / 255, 127}, kUint8));
}

// Whatever it answers must hold for every x: quantize(clip(x)) against quantize(x) on a fine grid.
TEST(RedundantActivation, AgreesWithTheDefinition) {
  for (const float scale : {0.01F, 0.023F, 0.024F, 0.1F}) {
    for (const int zero_point : {0, 1, 40, 255}) {
      const Range bounds{0, 6};
      const ScaleZeroPoint params{scale, zero_point};
      bool same = true;
      for (float x = -30; x < 30; x += 0.003F) {
        const float clipped = std::min(std::max(x, 0.0F), 6.0F);
        same = same && quantize(x, params, kUint8) == quantize(clipped, params, kUint8);
      }
      EXPECT_EQ(is_redundant_before(bounds, params, kUint8), same)
          << "scale " << scale << " zero point " << zero_point;
    }
  }
}

}  // namespace
}  // namespace octavo
