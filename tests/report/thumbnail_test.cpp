#include "report/thumbnail.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "data/image.h"
#include "support/paths.h"

namespace octavo {
namespace {

Tensor filled(Shape shape, float (*value)(std::size_t index)) {
  Tensor tensor(DType::kFloat32, std::move(shape));
  const auto values = tensor.mutable_as<float>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = value(i);
  return tensor;
}

// Back to pixels, through the project's own decoder.
Image decoded(const std::string& uri) {
  constexpr std::string_view kStart = "data:image/jpeg;base64,";
  EXPECT_TRUE(uri.starts_with(kStart));
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const testing::TemporaryDirectory folder;
  {
    std::ofstream file(folder / "picture.jpg", std::ios::binary);
    unsigned bits = 0;
    int held = 0;
    for (const char digit : uri.substr(kStart.size())) {
      if (digit == '=') break;
      bits = bits << 6U | static_cast<unsigned>(kDigits.find(digit));
      held += 6;
      if (held < 8) continue;
      held -= 8;
      file.put(static_cast<char>(bits >> static_cast<unsigned>(held) & 0xFFU));
    }
  }
  return read_image(folder / "picture.jpg");
}

TEST(Thumbnail, KeepsTheShapeAndTheColours) {
  // The left half red, the right half blue; 100 rows of 200, channels first.
  const Tensor image = filled({1, 3, 100, 200}, [](std::size_t i) {
    const bool left = i % 200 < 100;
    const std::size_t channel = i / 20000;
    return (left ? channel == 0 : channel == 2) ? 1.0F : -1.0F;
  });
  const Image picture = decoded(thumbnail(image));
  EXPECT_EQ(picture.width, 101) << "as many pixels as 72 x 72";
  EXPECT_EQ(picture.height, 50);
  const auto* left = &picture.pixels[3 * (25 * 101 + 20)];
  const auto* right = &picture.pixels[3 * (25 * 101 + 80)];
  EXPECT_GT(left[0], 200);
  EXPECT_LT(left[2], 60);
  EXPECT_LT(right[0], 60);
  EXPECT_GT(right[2], 200);
}

TEST(Thumbnail, ChannelsLastAndGreySmallOnesStayAsTheyAre) {
  const Tensor image = filled({1, 20, 30, 1}, [](std::size_t i) { return i < 300 ? 0.0F : 5.0F; });
  const Image picture = decoded(thumbnail(image));
  EXPECT_EQ(picture.width, 30);
  EXPECT_EQ(picture.height, 20);
  EXPECT_LT(picture.pixels[3 * (2 * 30 + 15)], 30);
  EXPECT_GT(picture.pixels[3 * (17 * 30 + 15)], 225);
}

TEST(Thumbnail, AStripIsNoLongerThanTwiceTheSide) {
  const Tensor strip =
      filled({1, 1, 32, 2000}, [](std::size_t i) { return static_cast<float>(i); });
  const Image picture = decoded(thumbnail(strip, 48));
  EXPECT_EQ(picture.width, 96);
  EXPECT_EQ(picture.height, 1);
}

TEST(Thumbnail, AFlatImageIsBlack) {
  const Image picture =
      decoded(thumbnail(filled({1, 1, 16, 16}, [](std::size_t) { return 4.0F; })));
  EXPECT_LT(picture.pixels[0], 10);
}

TEST(Thumbnail, WhatIsNoImageHasNone) {
  const auto zero = [](std::size_t) { return 0.0F; };
  EXPECT_EQ(thumbnail(filled({1, 49, 10, 1}, zero)), "");
  EXPECT_EQ(thumbnail(filled({1, 10}, zero)), "");
  EXPECT_EQ(thumbnail(filled({2, 3, 32, 32}, zero)), "");
  EXPECT_EQ(thumbnail(filled({1, 5, 32, 32}, zero)), "");
  EXPECT_EQ(thumbnail(filled({1, 3, 32, 32}, [](std::size_t) { return std::nanf(""); })), "");
  EXPECT_EQ(thumbnail(Tensor(DType::kInt64, {1, 3, 32, 32})), "");
}

}  // namespace
}  // namespace octavo
