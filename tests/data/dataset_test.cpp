// What a path may be, and ONNX's test data.
#include "octavo/dataset.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/data_recipe.h"
#include "data/test_files.h"
#include "model/tensor_proto.h"
#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

using testing::counting_tensor;
using testing::float_input;
using testing::TemporaryDirectory;
using testing::write_file;

TEST(OpenDataset, RefusesWhatIsNotThere) {
  const std::vector<TensorInfo> inputs = {float_input("x", {-1, 2})};
  EXPECT_OCTAVO_ERROR(open_dataset("/nowhere/data.npz", inputs), ErrorCode::kNotFound,
                      "/nowhere/data.npz");
  EXPECT_OCTAVO_ERROR(open_dataset("/nowhere/recipe.yaml", inputs), ErrorCode::kNotFound,
                      "/nowhere/recipe.yaml");
}

TEST(OpenDataset, RefusesANameThatNoFileSystemTakes) {
  const std::vector<TensorInfo> inputs = {float_input("x", {-1, 2})};
  EXPECT_OCTAVO_ERROR(open_dataset(std::string(300, 'x'), inputs), ErrorCode::kNotFound,
                      "xxx: no such file or folder");
}

TEST(OpenDataset, RefusesOtherKindsOfFiles) {
  const TemporaryDirectory folder;
  write_file(folder / "data.csv", "1,2,3");
  EXPECT_OCTAVO_ERROR(open_dataset(folder / "data.csv", std::vector{float_input("x", {-1, 2})}),
                      ErrorCode::kInvalidData, "data.csv", ".npz", "folder of images",
                      "test_data_set_*", ".yaml");
}

TEST(OpenDataset, NamesTheSourceThatARecipeLooksFor) {
  const TemporaryDirectory folder;
  write_file(folder / "r.yaml", "source: none.npz");
  EXPECT_OCTAVO_ERROR(open_dataset(folder / "r.yaml", std::vector{float_input("x", {-1, 2})}),
                      ErrorCode::kNotFound, "none.npz");
}

class TestDataSetsTest : public ::testing::Test {
 protected:
  void add(const std::string& name, const Tensor& tensor) {
    write_file(folder_ / name, tensor_to_proto(tensor, "t").SerializeAsString());
  }
  TemporaryDirectory folder_;
  std::vector<TensorInfo> inputs_ = {float_input("a", {-1, 2}), {"ids", DType::kInt64, {-1, 1}}};
};

TEST_F(TestDataSetsTest, AreReadInNumericOrder) {
  for (const int set : {10, 2, 0}) {
    const std::string name = "test_data_set_" + std::to_string(set);
    add(name + "/input_0.pb", Tensor::of<float>({1, 2}, {static_cast<float>(set), 1}));
    add(name + "/input_1.pb", Tensor::of<std::int64_t>({1, 1}, {set}));
  }
  const auto dataset = open_dataset(folder_.path(), inputs_);
  ASSERT_EQ(dataset->size(), 3U);
  EXPECT_FALSE(dataset->labelled());
  EXPECT_EQ(dataset->at(1).inputs[1].as<std::int64_t>()[0], 2);
  EXPECT_EQ(dataset->at(2).inputs[0].as<float>()[0], 10);
  EXPECT_EQ(dataset->at(2).name, (folder_ / "test_data_set_10").string());
}

TEST_F(TestDataSetsTest, OneSetIsADatasetToo) {
  add("test_data_set_0/input_0.pb", counting_tensor<float>({1, 2}));
  const auto dataset = open_dataset(folder_ / "test_data_set_0", std::span(inputs_).first(1));
  EXPECT_EQ(dataset->size(), 1U);
}

TEST_F(TestDataSetsTest, AWholeNumberAsOutputIsALabel) {
  add("test_data_set_0/input_0.pb", counting_tensor<float>({1, 2}));
  add("test_data_set_0/output_0.pb", Tensor::of<std::int64_t>({1}, {4}));
  const auto labelled = open_dataset(folder_.path(), std::span(inputs_).first(1));
  EXPECT_TRUE(labelled->labelled());
  EXPECT_EQ(labelled->at(0).label, 4);
  add("test_data_set_1/input_0.pb", counting_tensor<float>({1, 2}));
  add("test_data_set_1/output_0.pb", counting_tensor<float>({1, 10}));
  EXPECT_FALSE(open_dataset(folder_.path(), std::span(inputs_).first(1))->labelled());
}

TEST_F(TestDataSetsTest, ARecipeMaySelectButNotPreprocess) {
  add("test_data_set_0/input_0.pb", counting_tensor<float>({1, 2}));
  add("test_data_set_1/input_0.pb", counting_tensor<float>({1, 2}));
  write_file(folder_ / "select.yaml", "source: .\nselect: {last: 1}");
  const auto dataset = open_dataset(folder_ / "select.yaml", std::span(inputs_).first(1));
  ASSERT_EQ(dataset->size(), 1U);
  EXPECT_NE(dataset->at(0).name.find("test_data_set_1"), std::string::npos);
  write_file(folder_ / "values.yaml", "source: .\nvalues: {divide: 2}");
  EXPECT_OCTAVO_ERROR(open_dataset(folder_ / "values.yaml", std::span(inputs_).first(1)),
                      ErrorCode::kInvalidData, "fed as they are", "select");
  write_file(folder_ / "none.yaml", "source: .\nselect: {skip: 2}");
  EXPECT_OCTAVO_ERROR(open_dataset(folder_ / "none.yaml", std::span(inputs_).first(1)),
                      ErrorCode::kInvalidData, "no samples", "2 test_data_set_*");
}

TEST_F(TestDataSetsTest, NameTheFileThatDoesNotFit) {
  add("test_data_set_0/input_0.pb", counting_tensor<float>({1, 2}));
  const auto dataset = open_dataset(folder_.path(), inputs_);
  EXPECT_OCTAVO_ERROR(dataset->at(0), ErrorCode::kInvalidData, "test_data_set_0/input_1.pb",
                      "missing");
  add("test_data_set_0/input_1.pb", counting_tensor<std::int64_t>({1, 7}));
  EXPECT_OCTAVO_ERROR(dataset->at(0), ErrorCode::kInvalidData, "input_1.pb", "[1, 7]", "'ids'",
                      "[?, 1]");
  write_file(folder_ / "test_data_set_0/input_1.pb", "\x12\x34 no tensor");
  EXPECT_OCTAVO_ERROR(dataset->at(0), ErrorCode::kInvalidData, "input_1.pb",
                      "not an ONNX tensor, or truncated");
}

// The recipes that the project's own tests and benchmarks use.
TEST(SharedRecipes, AreReadable) {
  const auto folder = testing::source_dir() / "tests" / "recipes";
  int recipes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path());
    EXPECT_NO_THROW(read_data_recipe(entry.path()));
    ++recipes;
  }
  EXPECT_EQ(recipes, 8 * 3);  // models x (all, calibration, evaluation)
}

// Every fenced recipe of docs/data.md.
TEST(DocumentedRecipes, AreReadable) {
  const std::string page = testing::read_file(testing::source_dir() / "docs" / "data.md");
  constexpr std::string_view kFence = "```yaml\n";
  const TemporaryDirectory folder;
  write_file(folder / "calibration.yaml", "source: photos\nselect: {every: 5}");
  int recipes = 0;
  for (std::size_t begin = page.find(kFence); begin != std::string::npos;
       begin = page.find(kFence, begin + 1)) {
    const std::string text =
        page.substr(begin + kFence.size(), page.find("```", begin + 1) - begin - kFence.size());
    SCOPED_TRACE(text);
    write_file(folder / "recipe.yaml", text);
    EXPECT_NO_THROW(read_data_recipe(folder / "recipe.yaml"));
    ++recipes;
  }
  EXPECT_EQ(recipes, 9);
}

}  // namespace
}  // namespace octavo
