#include "report/selection_report.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace octavo {
namespace {

// Pictures of noise, which no codec makes small.
class Images final : public Dataset {
 public:
  explicit Images(std::size_t count, std::int64_t side = 20) : count_(count), side_(side) {}
  std::size_t size() const override { return count_; }
  bool labelled() const override { return true; }
  Sample at(std::size_t index) const override {
    Sample sample;
    Tensor image(DType::kFloat32, {1, 3, side_, side_});
    std::uint32_t state = 1 + static_cast<std::uint32_t>(index);
    for (float& value : image.mutable_as<float>()) {
      state = 1664525 * state + 1013904223;
      value = static_cast<float>(state >> 24U);
    }
    sample.inputs.push_back(std::move(image));
    sample.label = static_cast<std::int64_t>(index % 2);
    sample.name = "image" + std::to_string(index) + ".png";
    return sample;
  }

 private:
  std::size_t count_;
  std::int64_t side_;
};

TEST(SelectionJson, OfClustersEachPickHasWhatItStandsFor) {
  const SampleSelection selection{{1, 4, 5}, {{0, 1, 1.0}, {2, 3, 0.99}}, {1, 1, 4, 4, 4, 5, 4, 4}};
  const Json json = selection_json(selection, {}, Images(8));
  EXPECT_EQ(json["method"], "cluster");
  EXPECT_EQ(json["samples"], 8);
  EXPECT_EQ(json["chosen"], 3);
  ASSERT_EQ(json["picks"].size(), 3U);
  EXPECT_EQ(json["picks"][0]["index"], 4) << "the largest group first";
  EXPECT_EQ(json["picks"][0]["stands_for"], 4);
  EXPECT_EQ(json["picks"][0]["others"].size(), 2U) << "not all are shown";
  EXPECT_EQ(json["picks"][0]["others"][0]["name"], "image2.png");
  EXPECT_EQ(json["picks"][1]["label"], 1);
  EXPECT_EQ(json["picks"][2]["stands_for"], 0);
  EXPECT_TRUE(json["dropped"].empty()) << "they stand by their picks";
  EXPECT_EQ(json["alike"]["pairs"], 2);
  EXPECT_EQ(json["alike"]["identical"], 1);
  EXPECT_EQ(json["alike"]["shown"][1]["second"]["index"], 3);
  EXPECT_TRUE(json["picks"][0]["thumbnail"].get<std::string>().starts_with("data:image/jpeg"));
}

TEST(SelectionJson, OfOtherMethodsTheFirstThatWereDropped) {
  SelectionOptions options;
  options.method = SelectionMethod::kRandom;
  const Json json = selection_json({{0, 2}, {}, {}}, options, Images(5));
  EXPECT_EQ(json["method"], "random");
  std::vector<std::size_t> dropped;
  for (const Json& sample : json["dropped"]) dropped.push_back(sample["index"]);
  EXPECT_EQ(dropped, (std::vector<std::size_t>{1, 3, 4}));
}

TEST(SelectionJson, PicturesStayWithinTheirRoom) {
  SampleSelection selection;
  for (std::size_t i = 0; i < 200; ++i) {
    if (i % 10 == 0) selection.picks.push_back(i);
    selection.stand_ins.push_back(i / 10 * 10);
    if (i > 0) selection.alike.push_back({i - 1, i, 0.99});
  }
  const std::string text = json_text(selection_json(selection, {}, Images(200, 64)));
  EXPECT_GT(text.size(), kMostPictureBytes / 2);
  EXPECT_LT(text.size(), kMostPictureBytes + 20'000);
}

}  // namespace
}  // namespace octavo
