#include "data/sample_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "data/test_files.h"
#include "octavo/error.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

using testing::counting_tensor;
using testing::float_input;

TEST(FitToInput, PutsABatchInFront) {
  const TensorInfo input = float_input("x", {-1, 3, 2});
  EXPECT_EQ(fit_to_input(counting_tensor<float>({3, 2}), input, "s").shape(), (Shape{1, 3, 2}));
  EXPECT_EQ(fit_to_input(counting_tensor<float>({1, 3, 2}), input, "s").shape(), (Shape{1, 3, 2}));
}

TEST(FitToInput, AcceptsFreeDimensions) {
  const TensorInfo input = float_input("x", {-1, -1, 4});
  EXPECT_EQ(fit_to_input(counting_tensor<float>({9, 4}), input, "s").shape(), (Shape{1, 9, 4}));
}

TEST(FitToInput, FeedsScalars) {
  EXPECT_EQ(fit_to_input(counting_tensor<float>({}), float_input("x", {}), "s").shape(), Shape());
  EXPECT_EQ(fit_to_input(counting_tensor<float>({}), float_input("x", {1}), "s").shape(),
            (Shape{1}));
}

TEST(FitToInput, ConvertsWhereNoValueIsLost) {
  const TensorInfo to_float = float_input("x", {-1, 3});
  EXPECT_EQ(fit_to_input(counting_tensor<std::uint8_t>({3}), to_float, "s").as<float>()[2], 2);
  EXPECT_EQ(fit_to_input(counting_tensor<double>({3}), to_float, "s").as<float>()[2], 2);
  const TensorInfo to_int64{"ids", DType::kInt64, {-1, 3}};
  EXPECT_EQ(fit_to_input(counting_tensor<std::int32_t>({3}), to_int64, "s").as<std::int64_t>()[2],
            2);
}

TEST(FitToInput, RefusesAnotherShape) {
  EXPECT_OCTAVO_ERROR(
      fit_to_input(counting_tensor<float>({2, 3}), float_input("pixels", {-1, 3, 2}), "images[7]"),
      ErrorCode::kInvalidData, "images[7]", "[2, 3]", "'pixels'", "[?, 3, 2]");
}

TEST(FitToInput, NamesTheLikelySlip) {
  EXPECT_OCTAVO_ERROR(
      fit_to_input(counting_tensor<float>({4, 5, 3}), float_input("x", {-1, 3, 4, 5}), "s"),
      ErrorCode::kInvalidData, "a data recipe turns images round");
  EXPECT_OCTAVO_ERROR(fit_to_input(counting_tensor<float>({3}), float_input("x", {4, 3}), "s"),
                      ErrorCode::kInvalidData, "the model takes 4 at a time",
                      "an array of shape [samples, 4, ...]");
}

TEST(FitToInput, NamesNoSlipWhereAScalarMeetsAnArray) {
  for (const auto& [shape, declared] :
       {std::pair<Shape, Shape>{{}, {4, 3}}, std::pair<Shape, Shape>{{5}, {}}}) {
    try {
      fit_to_input(counting_tensor<float>(shape), float_input("x", declared), "s");
      ADD_FAILURE() << "taken";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find(';'), std::string::npos) << error.what();
    }
  }
}

TEST(FitToInput, RefusesAnotherKindOfNumber) {
  const TensorInfo ids{"ids", DType::kInt64, {-1, 3}};
  EXPECT_OCTAVO_ERROR(fit_to_input(counting_tensor<float>({3}), ids, "tokens[7]"),
                      ErrorCode::kInvalidData, "tokens[7]", "float32", "'ids'", "int64");
}

TEST(FitToInput, RefusesValuesThatTheTypeCannotHold) {
  const TensorInfo small{"codes", DType::kInt8, {-1, 2}};
  EXPECT_OCTAVO_ERROR(fit_to_input(Tensor::of<std::int32_t>({2}, {5, 200}), small, "codes[1]"),
                      ErrorCode::kInvalidData, "codes[1]", "element 1 is 200", "int8");
  EXPECT_OCTAVO_ERROR(
      fit_to_input(Tensor::of<std::int64_t>({1}, {(1 << 24) + 1}), float_input("x", {-1, 1}), "s"),
      ErrorCode::kInvalidData, "16777217", "float32");
}

TEST(FitToInput, RefusesNumbersThatAreNotFinite) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_OCTAVO_ERROR(fit_to_input(Tensor::of<float>({3}, {1.0F, std::nanf(""), 2.0F}),
                                   float_input("x", {1, 3}), "data.npz: x[12]"),
                      ErrorCode::kInvalidData, "data.npz: x[12]", "element 1 is nan", "finite");
  EXPECT_OCTAVO_ERROR(fit_to_input(Tensor::of<float>({1}, {-inf}), float_input("x", {1, 1}), "s"),
                      ErrorCode::kInvalidData, "element 0 is -inf");
  EXPECT_OCTAVO_ERROR(fit_to_input(Tensor::of<double>({1}, {1e300}), float_input("x", {1, 1}), "s"),
                      ErrorCode::kInvalidData, "element 0 is 1e+300", "float32 cannot hold");
  TensorInfo half{"x", DType::kFloat16, {1, 1}};
  EXPECT_OCTAVO_ERROR(fit_to_input(Tensor::of<float>({1}, {inf}), half, "s"),
                      ErrorCode::kInvalidData, "element 0 is inf");
}

}  // namespace
}  // namespace octavo
