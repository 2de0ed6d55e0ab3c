#include "train/augmentation.h"

#include <gtest/gtest.h>

#include "support/error_matchers.h"

namespace octavo {
namespace {

std::vector<float> values(const Tensor& tensor) {
  const auto all = tensor.as<float>();
  return {all.begin(), all.end()};
}

TEST(Shifted, MovesRowsAndColumns) {
  const Tensor image = Tensor::of<float>({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(values(shifted(image, ImageLayout::kChannelsFirst, {1, 0, false})),
            (std::vector<float>{0, 0, 0, 1, 2, 3}));
  EXPECT_EQ(values(shifted(image, ImageLayout::kChannelsFirst, {0, -1, false})),
            (std::vector<float>{2, 3, 0, 5, 6, 0}));
  EXPECT_EQ(values(shifted(image, ImageLayout::kChannelsFirst, {0, 0, true})),
            (std::vector<float>{3, 2, 1, 6, 5, 4}));
}

TEST(Shifted, KeepsAPixelsChannelsTogether) {
  const Tensor image = Tensor::of<float>({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(values(shifted(image, ImageLayout::kChannelsLast, {0, 0, true})),
            (std::vector<float>{4, 5, 6, 1, 2, 3}));
}

TEST(ImageLayout, IsToldByTheShape) {
  EXPECT_EQ(image_layout({"x", DType::kFloat32, {-1, 3, 32, 32}}), ImageLayout::kChannelsFirst);
  EXPECT_EQ(image_layout({"x", DType::kFloat32, {-1, 32, 32, 1}}), ImageLayout::kChannelsLast);
  EXPECT_OCTAVO_ERROR(image_layout({"x", DType::kFloat32, {-1, 40}}), ErrorCode::kInvalidArgument,
                      "input 'x'", "[?, 40]", "no image");
}

}  // namespace
}  // namespace octavo
