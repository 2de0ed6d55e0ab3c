#include "data/data_recipe.h"

#include <gtest/gtest.h>

#include <string>

#include "data/test_files.h"
#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

using testing::float_input;
using testing::TemporaryDirectory;
using testing::write_file;

class DataRecipeTest : public ::testing::Test {
 protected:
  DataRecipe read(const std::string& text) {
    write_file(folder_ / "recipe.yaml", text);
    return read_data_recipe(folder_ / "recipe.yaml");
  }
  TemporaryDirectory folder_;
};

TEST_F(DataRecipeTest, OnlyTheSourceIsNeeded) {
  const DataRecipe recipe = read("source: images");
  EXPECT_EQ(recipe.source, folder_ / "images");
  EXPECT_EQ(recipe.input.steps, Preprocessing());
  EXPECT_EQ(recipe.input.stored, StoredForm());
  EXPECT_FALSE(recipe.input.array);
  EXPECT_FALSE(recipe.labels);
}

TEST_F(DataRecipeTest, ReadsEveryKey) {
  const DataRecipe recipe = read(R"(
source: ../data.npz
array: pixels
stored: {layout: nchw, colours: bgr}
resize: {short_side: 256}
crop: [224, 192]
colours: rgb
values: {divide: 255, mean: [0.1, 0.2, 0.3], std: 0.5, multiply: 2}
layout: nhwc
labels: classes
label_offset: -1
select: {skip: 2, first: 30, every: 3, draw: 5, seed: 9, part: rest}
)");
  EXPECT_EQ(recipe.source, folder_ / "../data.npz");
  EXPECT_EQ(recipe.input.array, "pixels");
  EXPECT_EQ(recipe.input.stored, (StoredForm{Layout::kNchw, ColourOrder::kBgr}));
  const Preprocessing& steps = recipe.input.steps;
  EXPECT_EQ(steps.resize, (Resize{ResizeMode::kCover, {256, 256}}));
  EXPECT_EQ(steps.crop, (ImageSize{224, 192}));
  EXPECT_EQ(steps.colours, ColourOrder::kRgb);
  EXPECT_EQ(steps.values, (ValueSteps{255, {0.1, 0.2, 0.3}, {0.5}, 2}));
  EXPECT_EQ(steps.layout, Layout::kNhwc);
  EXPECT_EQ(recipe.labels, "classes");
  EXPECT_EQ(recipe.label_offset, -1);
  EXPECT_EQ(recipe.selection.skip, 2U);
  EXPECT_EQ(recipe.selection.first, 30U);
  EXPECT_EQ(recipe.selection.every, 3U);
  EXPECT_EQ(recipe.selection.draw, 5U);
  EXPECT_EQ(recipe.selection.seed, 9U);
  EXPECT_EQ(recipe.selection.part, Selection::Part::kRest);
}

TEST_F(DataRecipeTest, ResizesToCoverOrExactly) {
  EXPECT_EQ(read("source: a\nresize: {cover: [48, 192]}").input.steps.resize,
            (Resize{ResizeMode::kCover, {48, 192}}));
  EXPECT_EQ(read("source: a\nresize: {exact: [48, 192]}").input.steps.resize,
            (Resize{ResizeMode::kExact, {48, 192}}));
}

TEST_F(DataRecipeTest, SeveralInputsHaveTheirOwnSteps) {
  const DataRecipe recipe = read(R"(
source: a.npz
inputs:
  pixels: {array: images, layout: nchw}
  mask: {}
)");
  const std::vector<TensorInfo> model = {float_input("pixels", {1}), float_input("mask", {1})};
  EXPECT_EQ(recipe_of_input(recipe, "pixels", model).array, "images");
  EXPECT_EQ(recipe_of_input(recipe, "pixels", model).steps.layout, Layout::kNchw);
  EXPECT_FALSE(recipe_of_input(recipe, "mask", model).array);
}

TEST_F(DataRecipeTest, BuildsOnItsBase) {
  write_file(folder_ / "sub/base.yaml",
             "source: test.npz\narray: images\nvalues: {divide: 255}\nlabel_offset: 1");
  const DataRecipe recipe = read("base: sub/base.yaml\nsource: train.npz\nselect: {first: 3}");
  EXPECT_EQ(recipe.source, folder_ / "train.npz");
  EXPECT_EQ(recipe.input.array, "images");
  EXPECT_EQ(recipe.input.steps.values.divide, 255);
  EXPECT_EQ(recipe.label_offset, 1);
  EXPECT_EQ(recipe.selection.first, 3U);
  EXPECT_EQ(read("base: sub/base.yaml").source, folder_ / "sub/test.npz");
}

TEST_F(DataRecipeTest, PicksCountAmongThoseOfTheBase) {
  write_file(folder_ / "base.yaml", "source: a\nselect: {skip: 1}\npicks: [9, 4, 6]");
  const DataRecipe recipe = read("base: base.yaml\npicks: [2, 0]");
  EXPECT_EQ(recipe.selection.skip, 1U);
  EXPECT_EQ(recipe.selection.picks, (std::vector<std::size_t>{9, 4}));
  EXPECT_OCTAVO_ERROR(read("base: base.yaml\npicks: [3]"), ErrorCode::kInvalidFile, "3",
                      "the base picks only 3");
}

TEST_F(DataRecipeTest, RefusesABaseThatIsItself) {
  EXPECT_OCTAVO_ERROR(read("base: recipe.yaml"), ErrorCode::kInvalidFile, "recipe.yaml:1", "base",
                      "too many recipes");
}

TEST_F(DataRecipeTest, RefusesUnknownKeysAndNamesTheKnown) {
  EXPECT_OCTAVO_ERROR(read("source: a\ncolour: bgr"), ErrorCode::kInvalidFile, "recipe.yaml:2",
                      "unknown key 'colour'", "colours", "label_offset", "select");
  EXPECT_OCTAVO_ERROR(read("source: a\nvalues: {scale: 2}"), ErrorCode::kInvalidFile,
                      "recipe.yaml:2", "values", "unknown key 'scale'", "divide", "multiply");
  EXPECT_OCTAVO_ERROR(read("source: a\nselect:\n  random: 5"), ErrorCode::kInvalidFile,
                      "recipe.yaml:3", "unknown key 'random'", "draw");
  EXPECT_OCTAVO_ERROR(read("source: a\ninputs: {x: {labels: y}}"), ErrorCode::kInvalidFile,
                      "inputs.x", "unknown key 'labels'", "array");
}

TEST_F(DataRecipeTest, RefusesValuesOutOfRange) {
  const auto refuse = [&](const std::string& text, const char* expected) {
    EXPECT_OCTAVO_ERROR(read("source: a\n" + text), ErrorCode::kInvalidFile, "recipe.yaml:2",
                        expected);
  };
  refuse("layout: chw", "'chw', expected one of: nchw, nhwc");
  refuse("colours: yuv", "'yuv', expected one of: rgb, bgr, gray");
  refuse("stored: {colours: gray}", "'gray', expected one of: rgb, bgr");
  refuse("resize: {short_side: 0}", "0, expected a length of 1 to 65536 pixels");
  refuse("resize: {exact: 32}", "expected a list");
  refuse("resize: {exact: [1, 2, 3]}", "expected [height, width]");
  refuse("resize: {short_side: 2, exact: [1, 2]}", "expected one of short_side, cover, exact");
  refuse("resize: {}", "expected one of short_side, cover, exact");
  refuse("values: {divide: 0}", "expected a number other than 0");
  refuse("values: {divide: .nan}", "expected a number other than 0");
  refuse("values: {std: [1, 0]}", "0, expected numbers above 0");
  refuse("values: {mean: []}", "expected one number, or one a channel");
  refuse("values: {mean: grey}", "'grey', expected a number");
  refuse("select: {first: 0}", "0, expected at least 1");
  refuse("select: {skip: -1}", "-1, expected at least 0");
  refuse("select: {first: 1, last: 1}", "expected first or last, not both");
  refuse("select: {seed: 1}", "a seed without 'draw'");
  refuse("picks: []", "expected positions of samples");
  refuse("picks: [1, 1]", "1 comes twice");
  refuse("label_offset: half", "'half', expected a whole number");
}

TEST_F(DataRecipeTest, RefusesOneFormOfInputsBesideTheOther) {
  EXPECT_OCTAVO_ERROR(read("source: a\nlayout: nchw\ninputs: {x: {}}"), ErrorCode::kInvalidFile,
                      "recipe.yaml:2", "layout", "beside 'inputs'");
}

TEST_F(DataRecipeTest, RefusesWhatIsNoRecipe) {
  EXPECT_OCTAVO_ERROR(read("array: x"), ErrorCode::kInvalidFile, "recipe.yaml",
                      "key 'source' is missing");
  EXPECT_OCTAVO_ERROR(read("- source"), ErrorCode::kInvalidFile, "expected a mapping");
  EXPECT_OCTAVO_ERROR(read("source: [a"), ErrorCode::kInvalidFile, "recipe.yaml:");
  EXPECT_OCTAVO_ERROR(read_data_recipe(folder_ / "none.yaml"), ErrorCode::kNotFound, "none.yaml");
}

TEST_F(DataRecipeTest, RefusesInputsThatTheModelLacks) {
  const std::vector<TensorInfo> model = {float_input("x", {1}), float_input("y", {1})};
  const DataRecipe wrong = read("source: a.npz\ninputs: {z: {}}");
  EXPECT_OCTAVO_ERROR(recipe_of_input(wrong, "x", model), ErrorCode::kInvalidData, "'z'", "x, y");
  const DataRecipe single = read("source: a.npz\narray: images");
  EXPECT_OCTAVO_ERROR(recipe_of_input(single, "x", model), ErrorCode::kInvalidData, "'images'",
                      "2 inputs", "x, y");
}

}  // namespace
}  // namespace octavo
