#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/test_files.h"
#include "octavo/dataset.h"
#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

using testing::float_input;
using testing::write_file;
using testing::write_image;

class ImageFolderTest : public ::testing::Test {
 protected:
  std::unique_ptr<Dataset> open(const TensorInfo& input) {
    return open_dataset(folder_.path(), std::vector{input});
  }
  std::unique_ptr<Dataset> open_with(const std::string& recipe, const TensorInfo& input) {
    write_file(folder_ / "recipe.yaml", "source: .\n" + recipe);
    return open_dataset(folder_ / "recipe.yaml", std::vector{input});
  }
  testing::TemporaryDirectory folder_;
};

TEST_F(ImageFolderTest, FitsImagesToTheInput) {
  write_image(folder_ / "a.ppm", 20, 40, {255, 51, 0});
  const auto planes = open(float_input("x", {-1, 3, 8, 8}));
  ASSERT_EQ(planes->size(), 1U);
  EXPECT_FALSE(planes->labelled());
  const Sample sample = planes->at(0);
  EXPECT_EQ(sample.name, (folder_ / "a.ppm").string());
  EXPECT_FALSE(sample.label);
  const Tensor& tensor = sample.inputs.front();
  EXPECT_EQ(tensor.shape(), (Shape{1, 3, 8, 8}));
  EXPECT_EQ(tensor.at(0), 1);
  EXPECT_EQ(tensor.at(64), 51 / 255.0F);
  EXPECT_EQ(tensor.at(128), 0);
}

TEST_F(ImageFolderTest, AModelThatTakesBytesGetsBytes) {
  write_image(folder_ / "3/a.ppm", 4, 4, {255, 51, 0});
  const TensorInfo bytes{"x", DType::kUint8, {1, 4, 4, 3}};
  const Tensor tensor = open(bytes)->at(0).inputs.front();
  EXPECT_EQ(tensor.dtype(), DType::kUint8);
  EXPECT_EQ(tensor.at(1), 51);
}

TEST_F(ImageFolderTest, LeavesLabelsOutIfAsked) {
  write_image(folder_ / "3/a.ppm", 4, 4, {255, 51, 0});
  const auto dataset = open_with("labels: none", float_input("x", {-1, 3, 4, 4}));
  EXPECT_FALSE(dataset->labelled());
  EXPECT_FALSE(dataset->at(0).label);
}

TEST_F(ImageFolderTest, FindsTheChannelsOfTheInput) {
  write_image(folder_ / "a.ppm", 4, 4, {255, 51, 0});
  const Tensor last = open(float_input("x", {-1, 4, 4, 3}))->at(0).inputs.front();
  EXPECT_EQ(last.shape(), (Shape{1, 4, 4, 3}));
  EXPECT_EQ(last.at(1), 51 / 255.0F);
  const Tensor gray = open(float_input("x", {-1, 1, 4, 4}))->at(0).inputs.front();
  EXPECT_EQ(gray.shape(), (Shape{1, 1, 4, 4}));
  EXPECT_EQ(gray.at(0), 106 / 255.0F);  // 0.299 * 255 + 0.587 * 51
  const Tensor gray_last = open(float_input("x", {-1, 4, 4, 1}))->at(0).inputs.front();
  EXPECT_EQ(gray_last.shape(), (Shape{1, 4, 4, 1}));
}

TEST_F(ImageFolderTest, CoversInputsThatAreNotSquare) {
  write_image(folder_ / "a.ppm", 100, 100, {1, 2, 3});
  EXPECT_EQ(open(float_input("x", {-1, 3, 6, 24}))->at(0).inputs.front().shape(),
            (Shape{1, 3, 6, 24}));
}

TEST_F(ImageFolderTest, ARecipeSaysTheValuesAndShiftsLabels) {
  write_image(folder_ / "7/a.ppm", 4, 4, {255, 51, 0});
  write_image(folder_ / "8/a.ppm", 4, 4, {0, 0, 0});
  const auto dataset =
      open_with("label_offset: 1\nselect: {first: 1}", float_input("x", {-1, 3, 4, 4}));
  EXPECT_EQ(dataset->size(), 1U);
  EXPECT_TRUE(dataset->labelled());
  const Sample sample = dataset->at(0);
  EXPECT_EQ(sample.label, 8);
  EXPECT_EQ(sample.inputs.front().at(0), 255);
}

TEST_F(ImageFolderTest, AModelOfAnySizeNeedsARecipe) {
  write_image(folder_ / "a.ppm", 20, 10, {1, 2, 3});
  const TensorInfo input = float_input("x", {-1, 3, -1, -1});
  EXPECT_OCTAVO_ERROR(open(input), ErrorCode::kInvalidData, folder_.path().string(), "'x'",
                      "[?, 3, ?, ?]", "a data recipe must say which (resize, crop)");
  const auto sized = open_with("resize: {short_side: 5}", input);
  EXPECT_EQ(sized->at(0).inputs.front().shape(), (Shape{1, 3, 10, 5}));
}

TEST_F(ImageFolderTest, NamesTheImageThatDoesNotFit) {
  write_image(folder_ / "a.ppm", 10, 20, {1, 2, 3});
  const auto dataset = open_with("resize: {short_side: 8}", float_input("x", {-1, 3, 8, 8}));
  EXPECT_OCTAVO_ERROR(dataset->at(0), ErrorCode::kInvalidData, "a.ppm", "[3, 8, 16]",
                      "[?, 3, 8, 8]");
}

TEST_F(ImageFolderTest, NamesTheImageThatCannotBeRead) {
  write_file(folder_ / "broken.png", "no image");
  const auto dataset = open(float_input("x", {-1, 3, 8, 8}));
  EXPECT_OCTAVO_ERROR(dataset->at(0), ErrorCode::kInvalidData, "broken.png", "not an image");
}

TEST_F(ImageFolderTest, RefusesModelsThatTakeNoImages) {
  write_image(folder_ / "a.ppm", 4, 4, {1, 2, 3});
  EXPECT_OCTAVO_ERROR(open(float_input("features", {-1, 10})), ErrorCode::kInvalidData,
                      "'features'", "[?, 10]", "4 dimensions");
  const std::vector<TensorInfo> two = {float_input("a", {1, 3, 4, 4}), float_input("b", {1})};
  EXPECT_OCTAVO_ERROR(open_dataset(folder_.path(), two), ErrorCode::kInvalidData, "one input",
                      "has 2");
}

TEST_F(ImageFolderTest, RefusesNamesOfArrays) {
  write_image(folder_ / "a.ppm", 4, 4, {1, 2, 3});
  EXPECT_OCTAVO_ERROR(open_with("array: images", float_input("x", {-1, 3, 4, 4})),
                      ErrorCode::kInvalidData, "names arrays", "folder");
}

TEST_F(ImageFolderTest, RefusesAnEmptySelection) {
  write_image(folder_ / "a.ppm", 4, 4, {1, 2, 3});
  EXPECT_OCTAVO_ERROR(open_with("select: {skip: 1}", float_input("x", {-1, 3, 4, 4})),
                      ErrorCode::kInvalidData, "no samples", "1 images, none selected");
}

}  // namespace
}  // namespace octavo
