// Files with a few bytes changed, cut or doubled at random: whatever they hold, the readers answer
// or throw octavo::Error. Meant for the sanitizers above all.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "data/data_recipe.h"
#include "data/image.h"
#include "data/npz.h"
#include "data/small_jpeg.h"
#include "data/test_files.h"
#include "octavo/dataset.h"
#include "octavo/error.h"
#include "support/paths.h"

namespace octavo {
namespace {

using testing::TemporaryDirectory;
using testing::write_file;

constexpr int kRounds = 200;

std::string damage(std::string content, std::mt19937& random) {
  const auto below = [&](std::size_t end) { return random() % std::max<std::size_t>(end, 1); };
  const std::size_t changes = 1 + below(4);
  for (std::size_t i = 0; i < changes && !content.empty(); ++i) {
    const std::size_t position = below(content.size());
    switch (below(5)) {
      case 0:
        content[position] = static_cast<char>(random());
        break;
      case 1:
        content[position] ^= static_cast<char>(1U << below(8));
        break;
      case 2:
        content.resize(position);
        break;
      case 3:
        content.erase(position, 1 + below(8));
        break;
      default:
        content.insert(position, content.substr(below(content.size()), 1 + below(8)));
    }
  }
  return content;
}

void expect_no_surprise(const std::string& content, const std::string& name,
                        const std::function<void(const std::filesystem::path&)>& read) {
  const TemporaryDirectory folder;
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE("seed " + std::to_string(round));
    std::mt19937 random(static_cast<unsigned>(round));
    write_file(folder / name, damage(content, random));
    try {
      read(folder / name);
    } catch (const Error& error) {
      EXPECT_STRNE(error.what(), "");
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

TEST(DamagedFiles, Arrays) {
  const TemporaryDirectory folder;
  write_npz(folder / "d.npz", {{"x", testing::counting_tensor<float>({5, 4})},
                               {"labels", testing::counting_tensor<std::uint8_t>({5})}});
  const std::vector<TensorInfo> inputs = {testing::float_input("x", {-1, 4})};
  expect_no_surprise(testing::read_file(folder / "d.npz"), "d.npz", [&](const auto& path) {
    const auto dataset = open_dataset(path, inputs);
    for (std::size_t i = 0; i < dataset->size(); ++i) dataset->at(i);
  });
}

TEST(DamagedFiles, Images) {
  const TemporaryDirectory folder;
  testing::write_image(folder / "a.ppm", 6, 5, {1, 2, 3});
  const std::vector<std::byte> bytes = testing::small_jpeg();
  const std::string jpeg(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const std::string& content : {jpeg, testing::read_file(folder / "a.ppm")}) {
    expect_no_surprise(content, "a.img", [](const auto& path) { read_image(path); });
  }
}

TEST(DamagedFiles, Recipes) {
  const std::string recipe = R"(# comment
source: x.npz
array: images
resize: {short_side: 256}
crop: [224, 224]
values: {divide: 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}
layout: nchw
inputs: {x: {array: y}}
select:
  every: 5
  part: rest
)";
  expect_no_surprise(recipe, "r.yaml", [](const auto& path) { read_data_recipe(path); });
}

TEST(DamagedFiles, LabelFiles) {
  const std::vector<TensorInfo> inputs = {testing::float_input("x", {-1, 3, 2, 2})};
  expect_no_surprise("filename,label\na.ppm,3\nb.ppm,cat\n", "labels.csv", [&](const auto& path) {
    for (const char* image : {"a.ppm", "b.ppm"}) {
      testing::write_image(path.parent_path() / image, 2, 2, {1, 2, 3});
    }
    open_dataset(path.parent_path(), inputs);
  });
}

}  // namespace
}  // namespace octavo
