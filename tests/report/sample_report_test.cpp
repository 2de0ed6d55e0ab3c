#include "report/sample_report.h"

#include <gtest/gtest.h>

#include "calibration/tensor_statistics.h"

namespace octavo {
namespace {

class Images final : public Dataset {
 public:
  std::size_t size() const override { return 4; }
  bool labelled() const override { return true; }
  Sample at(std::size_t index) const override {
    Sample sample;
    Tensor image(DType::kFloat32, {1, 3, 20, 20});
    for (float& value : image.mutable_as<float>()) value = static_cast<float>(index);
    image.mutable_as<float>()[0] = 9;
    sample.inputs.push_back(std::move(image));
    sample.label = 7;
    sample.name = "image" + std::to_string(index) + ".png";
    return sample;
  }
};

// Two tensors over four samples: sample 1 reaches both ends of a and the top of b, sample 3 the
// bottom of b.
Statistics two_tensors() {
  Statistics statistics;
  const std::vector<std::vector<float>> a = {{0, 1}, {-2, 2}, {0}, {1}};
  const std::vector<std::vector<float>> b = {{0, 1}, {4}, {0}, {-4}};
  for (std::size_t i = 0; i < a.size(); ++i) {
    statistics.tensors()["a"].observe(i, a[i]);
    statistics.tensors()["b"].observe(i, b[i]);
  }
  statistics.add_samples({0, 4});
  return statistics;
}

TEST(SamplesJson, CountsWhoReachedTheEndsFirst) {
  const Json json = samples_json(two_tensors(), nullptr);
  EXPECT_EQ(json["count"], 4);
  EXPECT_EQ(json["tensors"], 2);
  EXPECT_EQ(json["setting_a_range"], 2);
  ASSERT_EQ(json["shown"].size(), 2u);
  EXPECT_EQ(json["shown"][0], (Json{{"index", 1}, {"extremes", 3}}));
  EXPECT_EQ(json["shown"][1], (Json{{"index", 3}, {"extremes", 1}}));
}

TEST(SamplesJson, ConvergenceByHand) {
  const Json convergence = samples_json(two_tensors(), nullptr)["convergence"];
  EXPECT_EQ(convergence["samples"], (Json{1, 2, 3, 4}));
  // a: 1/4, 1, 1, 1; b: 1/8, 4/8, 4/8, 1.
  EXPECT_EQ(convergence["mean"], (Json{0.1875, 0.75, 0.75, 1}));
  EXPECT_EQ(convergence["least"], (Json{0.125, 0.5, 0.5, 1}));
  EXPECT_EQ(convergence["slowest"], "b");
}

TEST(SamplesJson, NamesLabelsAndPicturesComeFromTheData) {
  const Images images;
  const Json shown = samples_json(two_tensors(), &images)["shown"][0];
  EXPECT_EQ(shown["name"], "image1.png");
  EXPECT_EQ(shown["label"], 7);
  EXPECT_TRUE(shown["thumbnail"].get<std::string>().starts_with("data:image/jpeg;base64,"));
}

TEST(SamplesJson, NothingCalibratedIsNoError) {
  const Json json = samples_json(Statistics(), nullptr);
  EXPECT_EQ(json["count"], 0);
  EXPECT_TRUE(json["shown"].empty());
  EXPECT_TRUE(json["convergence"]["samples"].empty());
}

}  // namespace
}  // namespace octavo
