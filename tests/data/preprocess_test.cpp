#include "data/preprocess.h"

#include <gtest/gtest.h>

#include <vector>

#include "data/resize_image.h"
#include "data/test_files.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

using testing::counting_tensor;

std::vector<double> values_of(const Tensor& tensor) {
  std::vector<double> values;
  for (std::size_t i = 0; i < tensor.size(); ++i) values.push_back(tensor.at(i));
  return values;
}

TEST(PreprocessImage, WithoutStepsItIsPlanesOfBytes) {
  const Image image{2, 1, 3, {1, 2, 3, 4, 5, 6}};
  const Tensor tensor = preprocess(image, {}, "x");
  EXPECT_EQ(tensor.dtype(), DType::kUint8);
  EXPECT_EQ(tensor.shape(), (Shape{3, 1, 2}));
  EXPECT_EQ(values_of(tensor), (std::vector<double>{1, 4, 2, 5, 3, 6}));
}

// Each step before the next: resize, crop, colours, values, layout.
TEST(PreprocessImage, TakesTheStepsInTheDocumentedOrder) {
  Image image = blank_image({4, 8}, 3);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(i * 5 % 256);
  }
  const Preprocessing steps{.resize = {ResizeMode::kCover, {2, 2}},
                            .crop = ImageSize{2, 2},
                            .colours = ColourOrder::kBgr,
                            .values = {.mean = {1, 2, 3}},
                            .layout = Layout::kNhwc};
  const Tensor tensor = preprocess(image, steps, "x");
  ASSERT_EQ(tensor.shape(), (Shape{2, 2, 3}));
  const Image cropped = center_crop(resize(image, {2, 4}), {2, 2}, "x");
  for (std::size_t pixel = 0; pixel < 4; ++pixel) {
    for (std::size_t c = 0; c < 3; ++c) {
      const double mean = static_cast<double>(c) + 1;
      EXPECT_EQ(tensor.at(pixel * 3 + c), cropped.pixels[pixel * 3 + 2 - c] - mean);
    }
  }
}

TEST(PreprocessImage, ExactSizeIgnoresTheRatio) {
  const Preprocessing steps{.resize = {ResizeMode::kExact, {3, 5}}};
  EXPECT_EQ(preprocess(blank_image({10, 10}, 3), steps, "x").shape(), (Shape{3, 3, 5}));
}

TEST(PreprocessArray, WithoutStepsItStaysAsStored) {
  const Tensor ids = counting_tensor<std::int64_t>({2, 5, 3, 1});
  const Tensor result = preprocess(ids, {}, {}, "x");
  EXPECT_EQ(result.dtype(), DType::kInt64);
  EXPECT_EQ(result.shape(), ids.shape());
}

TEST(PreprocessArray, MovesChannelsToTheFront) {
  const Tensor result =
      preprocess(counting_tensor<float>({1, 2, 3}), {}, {.layout = Layout::kNchw}, "x");
  EXPECT_EQ(result.shape(), (Shape{3, 1, 2}));
  EXPECT_EQ(values_of(result), (std::vector<double>{0, 3, 1, 4, 2, 5}));
}

TEST(PreprocessArray, StoredInPlanesItKeepsThemUnlessToldOtherwise) {
  const StoredForm planes{.layout = Layout::kNchw};
  const Tensor stored = counting_tensor<std::uint8_t>({3, 1, 2});
  const Preprocessing by_channel{.values = {.mean = {0, 2, 4}}};
  const Tensor kept = preprocess(stored, planes, by_channel, "x");
  EXPECT_EQ(kept.shape(), (Shape{3, 1, 2}));
  EXPECT_EQ(values_of(kept), (std::vector<double>{0, 1, 0, 1, 0, 1}));
  Preprocessing moved = by_channel;
  moved.layout = Layout::kNhwc;
  const Tensor last = preprocess(stored, planes, moved, "x");
  EXPECT_EQ(last.shape(), (Shape{1, 2, 3}));
  EXPECT_EQ(values_of(last), (std::vector<double>{0, 0, 0, 1, 1, 1}));
}

TEST(PreprocessArray, KnowsTheStoredOrderOfColours) {
  const Tensor stored = counting_tensor<std::uint8_t>({1, 1, 3});
  const Preprocessing to_bgr{.colours = ColourOrder::kBgr};
  EXPECT_EQ(values_of(preprocess(stored, {}, to_bgr, "x")), (std::vector<double>{2, 1, 0}));
  EXPECT_EQ(values_of(preprocess(stored, {.colours = ColourOrder::kBgr}, to_bgr, "x")),
            (std::vector<double>{0, 1, 2}));
}

TEST(PreprocessArray, ResizesAndCropsBytesOfOneOrThreeChannels) {
  const Preprocessing steps{.resize = {ResizeMode::kCover, {4, 4}}, .crop = ImageSize{4, 4}};
  EXPECT_EQ(preprocess(Tensor(DType::kUint8, {8, 10, 3}), {}, steps, "x").shape(),
            (Shape{4, 4, 3}));
  EXPECT_EQ(preprocess(Tensor(DType::kUint8, {8, 10, 1}), {}, steps, "x").shape(),
            (Shape{4, 4, 1}));
  // Two dimensions are a grey image.
  EXPECT_EQ(preprocess(Tensor(DType::kUint8, {8, 10}), {}, steps, "x").shape(), (Shape{4, 4, 1}));
  EXPECT_EQ(
      preprocess(Tensor(DType::kUint8, {3, 8, 10}), {.layout = Layout::kNchw}, steps, "x").shape(),
      (Shape{3, 4, 4}));
}

TEST(PreprocessArray, RefusesStepsThatDoNotFit) {
  const Preprocessing crop{.crop = ImageSize{2, 2}};
  EXPECT_OCTAVO_ERROR(preprocess(Tensor(DType::kFloat32, {8, 8, 3}), {}, crop, "x[4]"),
                      ErrorCode::kInvalidData, "x[4]", "uint8", "float32[8, 8, 3]");
  EXPECT_OCTAVO_ERROR(preprocess(Tensor(DType::kUint8, {8, 8, 2}), {}, crop, "x[4]"),
                      ErrorCode::kInvalidData, "x[4]", "1 or 3 channels", "uint8[8, 8, 2]");
  EXPECT_OCTAVO_ERROR(
      preprocess(Tensor(DType::kFloat32, {8}), {}, {.layout = Layout::kNchw}, "x[4]"),
      ErrorCode::kInvalidData, "x[4]", "shape [8] is no image");
  EXPECT_OCTAVO_ERROR(preprocess(Tensor(DType::kUint8, {1, 1, 3}), {}, crop, "x[4]"),
                      ErrorCode::kInvalidData, "x[4]", "cannot be cropped");
}

}  // namespace
}  // namespace octavo
