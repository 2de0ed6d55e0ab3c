#include "data/channels.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "data/test_files.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

using testing::counting_tensor;

template <typename T>
class Channels : public ::testing::Test {};
using ElementTypes = ::testing::Types<std::uint8_t, std::int16_t, float, double>;
TYPED_TEST_SUITE(Channels, ElementTypes);

TYPED_TEST(Channels, MoveToTheFrontAndBack) {
  const Tensor pixels = counting_tensor<TypeParam>({2, 3, 4});
  const Tensor planes = channels_first(pixels);
  EXPECT_EQ(planes.shape(), (Shape{4, 2, 3}));
  for (std::size_t channel = 0; channel < 4; ++channel) {
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(planes.at(channel * 6 + i), pixels.at(i * 4 + channel));
    }
  }
  const Tensor back = channels_last(planes);
  EXPECT_EQ(back.shape(), pixels.shape());
  EXPECT_TRUE(std::ranges::equal(back.bytes(), pixels.bytes()));
}

TYPED_TEST(Channels, SwapRedAndBlue) {
  const Tensor rgb = counting_tensor<TypeParam>({1, 2, 3});
  const Tensor bgr = convert_colours(rgb, ColourOrder::kRgb, ColourOrder::kBgr, "x");
  const auto values = bgr.as<TypeParam>();
  EXPECT_EQ(std::vector<TypeParam>(values.begin(), values.end()),
            (std::vector<TypeParam>{2, 1, 0, 5, 4, 3}));
  EXPECT_TRUE(std::ranges::equal(
      convert_colours(rgb, ColourOrder::kBgr, ColourOrder::kBgr, "x").bytes(), rgb.bytes()));
}

TEST(ConvertColours, ToGreyIsLumaRoundedAsInPil) {
  const Tensor rgb = Tensor::of<std::uint8_t>({1, 4, 3}, {255, 0, 0, 0, 255, 0, 0, 0, 255,  //
                                                          10, 20, 30});
  const Tensor gray = convert_colours(rgb, ColourOrder::kRgb, ColourOrder::kGray, "x");
  EXPECT_EQ(gray.shape(), (Shape{1, 4, 1}));
  const auto values = gray.as<std::uint8_t>();
  EXPECT_EQ(std::vector<std::uint8_t>(values.begin(), values.end()),
            (std::vector<std::uint8_t>{76, 150, 29, 18}));
  EXPECT_EQ(convert_colours(rgb, ColourOrder::kBgr, ColourOrder::kGray, "x").at(0), 29);
}

TEST(ConvertColours, FromGreyRepeatsIt) {
  const Tensor gray = counting_tensor<std::uint8_t>({1, 2, 1});
  const Tensor rgb = convert_colours(gray, ColourOrder::kRgb, ColourOrder::kRgb, "x");
  EXPECT_EQ(rgb.shape(), (Shape{1, 2, 3}));
  EXPECT_EQ(rgb.at(2), 0);
  EXPECT_EQ(rgb.at(3), 1);
  EXPECT_EQ(rgb.at(5), 1);
}

TEST(ConvertColours, RefusesOtherNumbersOfChannelsAndGreyOfFloats) {
  EXPECT_OCTAVO_ERROR(convert_colours(counting_tensor<std::uint8_t>({2, 2, 4}), ColourOrder::kRgb,
                                      ColourOrder::kBgr, "x[3]"),
                      ErrorCode::kInvalidData, "x[3]", "4 channels", "1 or 3");
  EXPECT_OCTAVO_ERROR(convert_colours(counting_tensor<float>({2, 2, 3}), ColourOrder::kRgb,
                                      ColourOrder::kGray, "x[3]"),
                      ErrorCode::kInvalidData, "x[3]", "uint8", "float32");
}

}  // namespace
}  // namespace octavo
