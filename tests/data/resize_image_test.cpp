// The expected hashes are those of PIL 13's Image.resize(size, Image.BILINEAR) on the same images.
#include "data/resize_image.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/error_matchers.h"

namespace octavo {
namespace {

// A picture by formula: gradients, edges and wrap-arounds.
Image formula_image(ImageSize size, int channels) {
  Image image = blank_image(size, channels);
  std::size_t i = 0;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < channels; ++c) {
        const int value = x * 37 + y * 91 + c * 53 + x * y * 7 + (x * x + y * y * 3) / 5;
        image.pixels[i++] = static_cast<std::uint8_t>(value % 256);
      }
    }
  }
  return image;
}

std::uint64_t fnv1a(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3U;
  return hash;
}

struct Case {
  ImageSize from;
  ImageSize to;
  int channels;
  std::uint64_t pil_hash;
};

constexpr Case kCases[] = {
    {{1, 1}, {1, 1}, 3, 0xd972ca186c2f849c},        {{1, 1}, {1, 1}, 1, 0xaf63bd4c8601b7df},
    {{1, 1}, {5, 7}, 3, 0x5b7b037b39c32102},        {{1, 1}, {5, 7}, 1, 0x3aefc885e76ecb37},
    {{7, 5}, {1, 1}, 3, 0xc5528519824181a3},        {{7, 5}, {1, 1}, 1, 0xaf63f64c860218ba},
    {{2, 2}, {4, 4}, 3, 0x9fdb6b228e77e98c},        {{2, 2}, {4, 4}, 1, 0xae1a92fc83be94d0},
    {{8, 8}, {4, 4}, 3, 0x482a1bc066a9868c},        {{8, 8}, {4, 4}, 1, 0x45935f5eaef05b60},
    {{9, 7}, {3, 5}, 3, 0x033bc5a2f7418873},        {{9, 7}, {3, 5}, 1, 0x3a767343add9d388},
    {{7, 5}, {3, 4}, 3, 0x51492b6dd7683200},        {{7, 5}, {3, 4}, 1, 0x6790c1b175c24161},
    {{5, 7}, {10, 14}, 3, 0x97b6f74b39b38289},      {{5, 7}, {10, 14}, 1, 0x05e42f48483961b5},
    {{13, 11}, {13, 5}, 3, 0xbc74c44bf7cdcf5c},     {{13, 11}, {13, 5}, 1, 0xadf2e16cbe26be4a},
    {{13, 11}, {6, 11}, 3, 0xb7feb1c512ece948},     {{13, 11}, {6, 11}, 1, 0x883b2a92cf0c45c2},
    {{31, 17}, {224, 224}, 3, 0x9dd0b4dd169b3a31},  {{31, 17}, {224, 224}, 1, 0xc33e245f0809062b},
    {{100, 75}, {33, 25}, 3, 0xa9d77b95c3a8c760},   {{100, 75}, {33, 25}, 1, 0x4c2d2d77a9f04236},
    {{37, 53}, {36, 52}, 3, 0xbbd6b1cfc3e2a2ce},    {{37, 53}, {36, 52}, 1, 0x8f7dd452b9237e89},
    {{36, 52}, {37, 53}, 3, 0x22b3e226f44cb54f},    {{36, 52}, {37, 53}, 1, 0x9ae051e03ee715d7},
    {{64, 48}, {63, 49}, 3, 0xec4473fa7a2e39e8},    {{64, 48}, {63, 49}, 1, 0x13ab51bcfe9d9e8b},
    {{97, 101}, {24, 3}, 3, 0xf2332ef170ba270b},    {{97, 101}, {24, 3}, 1, 0x0357be6c04ffe2c6},
    {{3, 200}, {48, 192}, 3, 0x83939b7e8e7aa805},   {{3, 200}, {48, 192}, 1, 0xf0dac1143d649d7d},
    {{120, 160}, {96, 128}, 3, 0x79fcbb4ad4142af8}, {{120, 160}, {96, 128}, 1, 0xc2aaa2d82016170a},
    {{50, 67}, {256, 343}, 3, 0x48e83326a86d20db},  {{50, 67}, {256, 343}, 1, 0x72d6976950af55ae},
    {{199, 150}, {32, 32}, 3, 0x57acde0e8e097bfc},  {{199, 150}, {32, 32}, 1, 0x371e8e69e6109e83},
};

TEST(Resize, EqualsPilBitForBit) {
  for (const Case& test : kCases) {
    const Image result = resize(formula_image(test.from, test.channels), test.to);
    EXPECT_EQ(fnv1a(result.pixels), test.pil_hash)
        << test.from.height << "x" << test.from.width << " -> " << test.to.height << "x"
        << test.to.width << ", " << test.channels << " channels";
  }
}

TEST(Resize, ByHand) {
  // Halving: the triangle spans four pixels with weights 1 3 3 1, cut to 3 3 1 at the border.
  const Image image{8, 1, 1, {0, 0, 80, 80, 160, 160, 240, 240}};
  EXPECT_EQ(resize(image, {1, 4}).pixels, (std::vector<std::uint8_t>{11, 80, 160, 229}));
}

TEST(Resize, OfAConstantStaysConstant) {
  Image image = blank_image({19, 23}, 3);
  std::fill(image.pixels.begin(), image.pixels.end(), 255);
  for (const std::uint8_t value : resize(image, {7, 41}).pixels) ASSERT_EQ(value, 255);
}

TEST(CoveringSize, KeepsTheRatioAndRoundsTheLongSideDown) {
  EXPECT_EQ(covering_size({375, 500}, {256, 256}), (ImageSize{256, 341}));
  EXPECT_EQ(covering_size({500, 333}, {256, 256}), (ImageSize{384, 256}));
  EXPECT_EQ(covering_size({256, 256}, {256, 256}), (ImageSize{256, 256}));
  EXPECT_EQ(covering_size({100, 100}, {48, 192}), (ImageSize{192, 192}));
  EXPECT_EQ(covering_size({10, 1000}, {48, 192}), (ImageSize{48, 4800}));
}

TEST(CenterCrop, RoundsOffsetsHalfToEven) {
  Image row = blank_image({1, 8}, 1);
  for (std::size_t i = 0; i < row.pixels.size(); ++i) row.pixels[i] = static_cast<std::uint8_t>(i);
  // (8 - 5) / 2 = 1.5 -> 2; (8 - 7) / 2 = 0.5 -> 0.
  EXPECT_EQ(center_crop(row, {1, 5}, "row").pixels, (std::vector<std::uint8_t>{2, 3, 4, 5, 6}));
  EXPECT_EQ(center_crop(row, {1, 7}, "row").pixels.front(), 0);
}

TEST(CenterCrop, TakesTheMiddleOfRowsAndColumns) {
  const Image image = formula_image({6, 8}, 3);
  const Image crop = center_crop(image, {2, 4}, "image");
  ASSERT_EQ(crop.pixels.size(), 2U * 4 * 3);
  EXPECT_EQ(crop.pixels.front(), image.pixels[(2 * 8 + 2) * 3]);
  EXPECT_EQ(crop.pixels.back(), image.pixels[(3 * 8 + 5) * 3 + 2]);
}

TEST(CenterCrop, RefusesAnImageThatIsTooSmall) {
  EXPECT_OCTAVO_ERROR(center_crop(blank_image({10, 20}, 3), {12, 20}, "cat.png"),
                      ErrorCode::kInvalidData, "cat.png", "10 high and 20 wide", "12 x 20");
}

}  // namespace
}  // namespace octavo
