#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "data/npz.h"
#include "data/test_files.h"
#include "octavo/dataset.h"
#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

using testing::counting_tensor;
using testing::float_input;
using testing::write_file;

class ArrayDatasetTest : public ::testing::Test {
 protected:
  void write(const std::map<std::string, Tensor>& arrays) { write_npz(folder_ / "d.npz", arrays); }
  std::unique_ptr<Dataset> open(std::vector<TensorInfo> inputs) {
    return open_dataset(folder_ / "d.npz", inputs);
  }
  std::unique_ptr<Dataset> open_with(const std::string& recipe, std::vector<TensorInfo> inputs) {
    write_file(folder_ / "recipe.yaml", "source: d.npz\n" + recipe);
    return open_dataset(folder_ / "recipe.yaml", inputs);
  }
  testing::TemporaryDirectory folder_;
};

TEST_F(ArrayDatasetTest, ArraysNamedAsTheInputsNeedNothingElse) {
  write({{"x", counting_tensor<float>({3, 2})},
         {"ids", counting_tensor<std::int64_t>({3, 1})},
         {"labels", counting_tensor<std::uint8_t>({3})}});
  const auto dataset = open({{"ids", DType::kInt64, {-1, 1}}, float_input("x", {-1, 2})});
  ASSERT_EQ(dataset->size(), 3U);
  EXPECT_TRUE(dataset->labelled());
  const Sample sample = dataset->at(2);
  EXPECT_EQ(sample.name, "ids[2]");
  EXPECT_EQ(sample.label, 2);
  ASSERT_EQ(sample.inputs.size(), 2U);
  EXPECT_EQ(sample.inputs[0].as<std::int64_t>()[0], 2);
  EXPECT_EQ(sample.inputs[1].shape(), (Shape{1, 2}));
  EXPECT_EQ(sample.inputs[1].as<float>()[1], 5);
}

TEST_F(ArrayDatasetTest, WithoutLabels) {
  write({{"x", counting_tensor<float>({3, 2})}});
  const auto dataset = open({float_input("x", {-1, 2})});
  EXPECT_FALSE(dataset->labelled());
  EXPECT_FALSE(dataset->at(0).label);
}

TEST_F(ArrayDatasetTest, ARecipeNamesArraysAndSelectsSamples) {
  write({{"images", counting_tensor<std::uint8_t>({5, 1, 1, 3})},
         {"y", Tensor::of<std::int32_t>({5, 1}, {10, 11, 12, 13, 14})}});
  const auto dataset = open_with(
      "array: images\nlabels: y\nlabel_offset: -10\nlayout: nchw\nselect: {skip: 1, every: 2}",
      {float_input("x", {-1, 3, 1, 1})});
  ASSERT_EQ(dataset->size(), 2U);
  const Sample sample = dataset->at(1);
  EXPECT_EQ(sample.name, "images[3]");
  EXPECT_EQ(sample.label, 3);
  EXPECT_EQ(sample.inputs.front().as<float>()[0], 9);
}

TEST_F(ArrayDatasetTest, GreyImagesWithoutChannelAxis) {
  write({{"x", counting_tensor<std::uint8_t>({2, 3, 4})}});
  const auto dataset = open_with("layout: nchw", {float_input("x", {-1, 1, 3, 4})});
  EXPECT_EQ(dataset->at(1).inputs.front().shape(), (Shape{1, 1, 3, 4}));
}

TEST_F(ArrayDatasetTest, IsTheSameFromManyThreads) {
  write({{"x", counting_tensor<std::uint8_t>({64, 8, 8, 3})}});
  const auto dataset = open_with("resize: {exact: [5, 5]}\nvalues: {divide: 255}",
                                 {float_input("x", {-1, 5, 5, 3})});
  std::vector<Sample> alone;
  for (std::size_t i = 0; i < dataset->size(); ++i) alone.push_back(dataset->at(i));
  std::vector<Sample> together(dataset->size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = t; i < together.size(); i += 4) together[i] = dataset->at(i);
      });
    }
  }
  for (std::size_t i = 0; i < alone.size(); ++i) {
    EXPECT_TRUE(
        std::ranges::equal(alone[i].inputs.front().bytes(), together[i].inputs.front().bytes()));
  }
}

TEST_F(ArrayDatasetTest, NamesSampleAndElementThatIsNotFinite) {
  Tensor values = counting_tensor<float>({3, 2});
  values.mutable_as<float>()[5] = std::nanf("");
  write({{"x", values}});
  const auto dataset = open({float_input("x", {-1, 2})});
  EXPECT_NO_THROW(dataset->at(1));
  EXPECT_OCTAVO_ERROR(dataset->at(2), ErrorCode::kInvalidData, "d.npz: x[2]", "element 1 is nan");
}

TEST_F(ArrayDatasetTest, RefusesAMissingArrayAndListsTheOthers) {
  write({{"images", counting_tensor<float>({3, 2})}, {"labels", counting_tensor<float>({3})}});
  EXPECT_OCTAVO_ERROR(open({float_input("input_1", {-1, 2})}), ErrorCode::kInvalidData, "d.npz",
                      "'input_1'", "array: ...", "images, labels");
  EXPECT_OCTAVO_ERROR(open_with("array: pixels", {float_input("input_1", {-1, 2})}),
                      ErrorCode::kInvalidData, "d.npz", "'pixels'", "images, labels");
}

TEST_F(ArrayDatasetTest, RefusesAnotherShape) {
  write({{"x", counting_tensor<float>({3, 2})}});
  const auto dataset = open({float_input("x", {-1, 4})});
  EXPECT_OCTAVO_ERROR(dataset->at(0), ErrorCode::kInvalidData, "x[0]", "[2]", "[?, 4]");
}

TEST_F(ArrayDatasetTest, RefusesArraysOfDifferentLengths) {
  write({{"a", counting_tensor<float>({3, 2})}, {"b", counting_tensor<float>({4, 2})}});
  EXPECT_OCTAVO_ERROR(open({float_input("a", {-1, 2}), float_input("b", {-1, 2})}),
                      ErrorCode::kInvalidData, "'b' has 4 samples", "3 as 'a' has");
}

TEST_F(ArrayDatasetTest, RefusesAScalar) {
  write({{"x", counting_tensor<float>({})}});
  EXPECT_OCTAVO_ERROR(open({float_input("x", {-1})}), ErrorCode::kInvalidData, "'x'", "first axis");
}

TEST_F(ArrayDatasetTest, RefusesLabelsThatDoNotFit) {
  const std::vector<TensorInfo> inputs = {float_input("x", {-1, 2})};
  write({{"x", counting_tensor<float>({3, 2})}, {"labels", counting_tensor<float>({3})}});
  EXPECT_OCTAVO_ERROR(open(inputs), ErrorCode::kInvalidData, "'labels'", "float32[3]",
                      "3 whole numbers", "boxes, classes, label_map, label_set");
  write({{"x", counting_tensor<float>({3, 2})}, {"labels", counting_tensor<std::int32_t>({2})}});
  EXPECT_OCTAVO_ERROR(open(inputs), ErrorCode::kInvalidData, "'labels'", "int32[2]",
                      "3 whole numbers");
  EXPECT_FALSE(open_with("labels: none", inputs)->labelled());
  EXPECT_OCTAVO_ERROR(open_with("labels: classes", inputs), ErrorCode::kInvalidData, "'classes'",
                      "labels, x");
}

TEST_F(ArrayDatasetTest, ReadsWhatIsTrueOfSamplesBeyondOneClass) {
  write({{"x", counting_tensor<float>({3, 2})},
         {"boxes", counting_tensor<float>({3, 2, 4})},
         {"classes", counting_tensor<std::int64_t>({3, 2})},
         {"masks", counting_tensor<std::uint8_t>({3, 2, 2})}});
  const auto plain = open({float_input("x", {-1, 2})});
  EXPECT_FALSE(plain->labelled());
  EXPECT_EQ(plain->at(0).truth.size(), 2U);
  const auto dataset =
      open_with("truth: {label_map: masks}\nselect: {skip: 1}", {float_input("x", {-1, 2})});
  const Sample sample = dataset->at(1);
  ASSERT_EQ(sample.truth.size(), 3U);
  EXPECT_EQ(sample.truth.at("boxes").shape(), (Shape{2, 4}));
  EXPECT_EQ(sample.truth.at("boxes").as<float>()[0], 16);
  EXPECT_EQ(sample.truth.at("classes").as<std::int64_t>()[1], 5);
  EXPECT_EQ(sample.truth.at("label_map").as<std::uint8_t>()[0], 8);
  EXPECT_TRUE(open_with("labels: none", {float_input("x", {-1, 2})})->at(0).truth.empty());
}

TEST_F(ArrayDatasetTest, WhatFeedsTheModelOrDoesNotFitIsNoTruth) {
  write({{"boxes", counting_tensor<float>({3, 2, 4})},
         {"classes", counting_tensor<std::int64_t>({10})}});
  EXPECT_TRUE(open({float_input("boxes", {-1, 2, 4})})->at(0).truth.empty());
}

TEST_F(ArrayDatasetTest, RefusesTruthThatIsNotThereOrDoesNotFit) {
  write({{"x", counting_tensor<float>({3, 2})}, {"gt", counting_tensor<float>({3, 2, 5})}});
  const std::vector<TensorInfo> inputs = {float_input("x", {-1, 2})};
  EXPECT_OCTAVO_ERROR(open_with("truth: {boxes: gt}", inputs), ErrorCode::kInvalidData,
                      "boxes 'gt' is float32[3, 2, 5]", "[3, boxes, 4]");
  EXPECT_OCTAVO_ERROR(open_with("truth: {label_map: gt}", inputs), ErrorCode::kInvalidData,
                      "label_map 'gt'", "whole numbers");
  EXPECT_OCTAVO_ERROR(open_with("truth: {classes: ids}", inputs), ErrorCode::kInvalidData, "'ids'",
                      "gt, x");
  EXPECT_OCTAVO_ERROR(open_with("truth: {mask: gt}", inputs), ErrorCode::kInvalidFile, "mask",
                      "label_map");
}

std::vector<std::int64_t> numbers(const Tensor& tensor) {
  const auto values = tensor.as<std::int64_t>();
  return {values.begin(), values.end()};
}

TEST_F(ArrayDatasetTest, AnOffsetShiftsEveryClassAndLeavesNoneAlone) {
  write({{"x", counting_tensor<float>({1, 2})},
         {"labels", Tensor::of<std::int32_t>({1}, {7})},
         {"boxes", counting_tensor<float>({1, 2, 4})},
         {"classes", Tensor::of<std::int32_t>({1, 2}, {3, -1})},
         {"label_map", Tensor::of<std::uint8_t>({1, 2, 2}, {0, 1, 150, 255})}});
  const Sample sample = open_with("label_offset: -1", {float_input("x", {-1, 2})})->at(0);
  EXPECT_EQ(sample.label, 6);
  EXPECT_EQ(numbers(sample.truth.at("classes")), (std::vector<std::int64_t>{2, -1}));
  EXPECT_EQ(numbers(sample.truth.at("label_map")), (std::vector<std::int64_t>{-1, 0, 149, 255}));
  EXPECT_EQ(sample.truth.at("boxes").as<float>()[1], 1);
}

TEST_F(ArrayDatasetTest, RefusesAnOffsetThatCannotBeMeant) {
  const auto refuse = [&](const char* name, Tensor truth, const char* offset, const char* what) {
    write({{"x", counting_tensor<float>({1, 2})}, {name, std::move(truth)}});
    const std::string recipe = std::string("label_offset: ") + offset;
    EXPECT_OCTAVO_ERROR(open_with(recipe, {float_input("x", {-1, 2})}), ErrorCode::kInvalidData,
                        "d.npz", name, std::string("label_offset of ") + offset, what);
  };
  refuse("classes", Tensor::of<std::int32_t>({1, 2}, {0, 2}), "-1", "no box");
  refuse("label_map", Tensor::of<std::int32_t>({1, 1, 2}, {0, 300}), "1", "class 300");
  refuse("label_map", Tensor::of<std::uint8_t>({1, 1, 2}, {0, 254}), "1", "do not count");
  refuse("label_set", Tensor::of<std::uint8_t>({1, 2}, {0, 1}), "1", "columns are the classes");
}

TEST_F(ArrayDatasetTest, RefusesEmptyData) {
  write({{"x", Tensor(DType::kFloat32, {0, 2})}});
  EXPECT_OCTAVO_ERROR(open({float_input("x", {-1, 2})}), ErrorCode::kInvalidData, "d.npz",
                      "no samples", "0 stored");
}

}  // namespace
}  // namespace octavo
