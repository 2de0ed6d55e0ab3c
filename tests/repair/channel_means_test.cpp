#include "repair/channel_means.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

class Ramp final : public Dataset {
 public:
  std::size_t size() const override { return 2; }
  bool labelled() const override { return false; }
  // Sample s: channel 0 holds s, s + 1, channel 1 holds 10, 20.
  Sample at(std::size_t index) const override {
    const auto s = static_cast<float>(index);
    Sample sample;
    sample.inputs.push_back(Tensor::of<float>({1, 2, 2}, {s, s + 1, 10, 20}));
    return sample;
  }
};

Model identity() {
  return testing::parse_graph(R"(
    opset 13
    input x: float32[N,2,2]
    y = Abs(x)
    z = Cast(x) {to=7}
    output y: float32[N,2,2]
    output z: int64[N,2,2]
  )");
}

TEST(ChannelMeans, AreTakenOverPositions) {
  const auto executor = make_executor("onnxruntime");
  const Ramp data;
  const StagedRun run(data, *executor, 2);
  const std::array tensors = {ChannelTensor{"y", 1}, ChannelTensor{"y", -1}};
  const auto means = channel_means(run, identity(), tensors);
  EXPECT_EQ(means[0], (ChannelMeans{{0.5, 15}, {1.5, 15}}));
  EXPECT_EQ(means[1], (ChannelMeans{{5, 10.5}, {5.5, 11}})) << "along the last axis";
}

// Long runs of a channel are summed in lanes; `bad` is at every place of one in turn.
TEST(ChannelMeans, LeaveOutWhatIsNotFinite) {
  class OneRun final : public Dataset {
   public:
    explicit OneRun(std::vector<float> values) : values_(std::move(values)) {}
    std::size_t size() const override { return 1; }
    bool labelled() const override { return false; }
    Sample at(std::size_t) const override {
      Sample sample;
      const auto length = static_cast<std::int64_t>(values_.size());
      sample.inputs.push_back(Tensor::of<float>({1, 1, length}, values_));
      return sample;
    }

   private:
    std::vector<float> values_;
  };
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,1,L]
    y = Identity(x)
    output y: float32[N,1,L]
  )");
  const auto executor = make_executor("onnxruntime");
  const std::array tensors = {ChannelTensor{"y", 1}};
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (std::size_t place = 0; place < 19; ++place) {
      std::vector<float> values(19, 0);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
      values[place] = bad;
      const OneRun data(values);
      const auto means = channel_means(StagedRun(data, *executor, 1), model, tensors);
      EXPECT_EQ(means[0], (ChannelMeans{{(171.0 - static_cast<double>(place)) / 18}})) << place;
    }
  }
}

TEST(ChannelMeans, RefuseWhatIsNotFloat) {
  const auto executor = make_executor("onnxruntime");
  const Ramp data;
  const StagedRun run(data, *executor, 1);
  const std::array integers = {ChannelTensor{"z", 1}};
  EXPECT_OCTAVO_ERROR(channel_means(run, identity(), integers), ErrorCode::kUnsupported,
                      "tensor 'z' is int64, expected float32");
  const std::array beyond = {ChannelTensor{"y", 3}};
  EXPECT_OCTAVO_ERROR(channel_means(run, identity(), beyond), ErrorCode::kUnsupported,
                      "tensor 'y' has shape [1, 2, 2], expected channels on axis 3");
}

TEST(ShrunkDifference, KeepsWhatAllSamplesAgreeOn) {
  const ChannelMeans a = {{3, 1}, {3, -1}, {3, 1}, {3, -1}};
  const ChannelMeans b = {{1, 0}, {1, 0}, {1, 0}, {1, 0}};
  const auto difference = shrunk_difference(a, b);
  EXPECT_DOUBLE_EQ(difference[0], 2) << "no doubt";
  EXPECT_DOUBLE_EQ(difference[1], 0) << "nothing but doubt";
}

TEST(ShrunkDifference, DrawsADoubtfulMeanTowardsZero) {
  // Mean 2, variance of the samples 4 (deviations -2, 2), of the mean 4: 1 - 4 / 4 = 0 with two
  // samples; with mean 4 it is 1 - 4 / 16.
  EXPECT_DOUBLE_EQ(shrunk_difference({{0}, {4}}, {{0}, {0}})[0], 0);
  EXPECT_DOUBLE_EQ(shrunk_difference({{2}, {6}}, {{0}, {0}})[0], 4 * 0.75);
}

}  // namespace
}  // namespace octavo
