// The driver, on an executor that hands the inputs back: what is observed is known exactly.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <random>

#include "calibration/channel_statistics.h"
#include "calibration/tensor_statistics.h"
#include "octavo/error.h"
#include "octavo/statistics.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

// Samples whose size differs from one to the next.
class VaryingDataset final : public Dataset {
 public:
  explicit VaryingDataset(std::size_t count) : count_(count) {}
  std::size_t size() const override { return count_; }
  bool labelled() const override { return false; }
  Sample at(std::size_t index) const override {
    if (index == broken) throw Error(ErrorCode::kInvalidData, "varying[3]: unreadable");
    std::mt19937 random(static_cast<std::uint32_t>(index) + 1);
    std::normal_distribution<float> normal(0, 1);
    Tensor tensor(DType::kFloat32, {1, static_cast<std::int64_t>(100 + 37 * index)});
    for (float& value : tensor.mutable_as<float>()) value = normal(random);
    if (index == 2) tensor.mutable_as<float>()[5] = std::numeric_limits<float>::quiet_NaN();
    Sample sample;
    sample.inputs.push_back(std::move(tensor));
    return sample;
  }

  std::size_t broken = SIZE_MAX;

 private:
  std::size_t count_;
};

class EchoSession final : public Session {
 public:
  explicit EchoSession(std::vector<std::string> outputs) : outputs_(std::move(outputs)) {}
  std::vector<Tensor> run(std::span<const Tensor> inputs) override {
    return {inputs.begin(), inputs.end()};
  }
  void run(std::span<const Tensor> inputs, const OutputVisitor& visit) override {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      visit(i, {inputs[0].dtype(), inputs[0].shape(), inputs[0].bytes()});
    }
  }
  const std::vector<std::string>& output_names() const override { return outputs_; }
  std::vector<NodeTime> node_times() override { return {}; }

 private:
  std::vector<std::string> outputs_;
};

class EchoExecutor final : public Executor {
 public:
  std::string_view name() const override { return "echo"; }
  std::string version() const override { return "1"; }
  std::unique_ptr<Session> load(const Model&, const SessionOptions& options) const override {
    return std::make_unique<EchoSession>(options.outputs);
  }
  std::vector<ExecutedNode> executed_graph(const Model&) const override { return {}; }
};

const std::vector<std::string> kTensors = {"a", "b"};

Statistics calibrated(const Dataset& dataset, const CalibrationOptions& options) {
  return calibrate(Model(), kTensors, dataset, EchoExecutor(), options);
}

TEST(Calibrate, ObservesEverySampleOnce) {
  const VaryingDataset dataset(5);
  std::size_t reported = 0;
  CalibrationOptions options;
  options.progress = [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(done, ++reported);
    EXPECT_EQ(total, 5u);
  };
  const Statistics statistics = calibrated(dataset, options);
  const Sketch& sketch = statistics.at("b").sketch();
  EXPECT_EQ(sketch.count(), 5 * 100 + 37 * (0 + 1 + 2 + 3 + 4));
  EXPECT_EQ(sketch.nan(), 1u);
  EXPECT_EQ(statistics.at("b").samples().size(), 5u);
  EXPECT_EQ(statistics.sample_count(), 5u);
  EXPECT_EQ(statistics.model_fingerprint(), fingerprint(Model()));
  EXPECT_EQ(reported, 5u);
}

TEST(Calibrate, ThreadsAndShardsLeaveNoTrace) {
  const VaryingDataset dataset(11);
  const Statistics whole = calibrated(dataset, {});
  for (const int threads : {1, 2, 3, 20}) {
    CalibrationOptions options;
    options.threads = threads;
    EXPECT_EQ(calibrated(dataset, options).tensors(), whole.tensors()) << threads;
    Statistics merged;
    for (const auto& [first, last] : {std::pair{7, 99}, std::pair{0, 3}, std::pair{3, 7}}) {
      options.first = static_cast<std::size_t>(first);
      options.last = static_cast<std::size_t>(last);
      merge(merged, calibrated(dataset, options));
    }
    EXPECT_EQ(merged.tensors(), whole.tensors()) << threads;
    EXPECT_EQ(merged.sample_count(), 11u);
    EXPECT_EQ(merged.samples().size(), 1u);
  }
}

TEST(Calibrate, KeepsTheChannelsThatAreAskedFor) {
  const VaryingDataset dataset(11);
  CalibrationOptions options;
  options.per_channel = {{"b", 0}};
  const Statistics whole = calibrated(dataset, options);
  ASSERT_EQ(whole.channels().size(), 1u);
  const ChannelStatistics& channels = whole.channels().at("b");
  ASSERT_EQ(channels.channels().size(), 1u);  // so that the channel is the whole tensor
  EXPECT_EQ(channels.channels()[0], whole.at("b"));
  options.threads = 3;
  EXPECT_EQ(to_bytes(calibrated(dataset, options)), to_bytes(whole));
  options.per_channel = {{"c", 0}};
  EXPECT_OCTAVO_ERROR(calibrated(dataset, options), ErrorCode::kNotFound, "'c'", "2 observed");
  options.per_channel = {{"b", 1}};  // whose size differs from sample to sample
  EXPECT_OCTAVO_ERROR(calibrated(dataset, options), ErrorCode::kInvalidData, "'b'", "channels");
}

TEST(Calibrate, CancelledItHoldsTheFirstSamplesAndGoesOnFromThere) {
  const VaryingDataset dataset(40);
  for (const int threads : {1, 3}) {
    std::atomic<int> asked = 0;
    CalibrationOptions options;
    options.threads = threads;
    options.cancelled = [&] { return ++asked > 12; };
    Statistics statistics = calibrated(dataset, options);
    ASSERT_EQ(statistics.sample_count(), 12u);
    ASSERT_EQ(statistics.samples().front(), (SampleInterval{0, 12}));
    options.cancelled = nullptr;
    options.first = 12;
    merge(statistics, calibrated(dataset, options));
    EXPECT_EQ(statistics.tensors(), calibrated(dataset, {}).tensors());
  }
}

TEST(Calibrate, RefusesWhatItCannotUse) {
  EXPECT_OCTAVO_ERROR(calibrated(VaryingDataset(0), {}), ErrorCode::kInvalidData,
                      "no calibration samples");
  CalibrationOptions options;
  options.first = 5;
  EXPECT_OCTAVO_ERROR(calibrated(VaryingDataset(5), options), ErrorCode::kInvalidData,
                      "asked for 5");
  VaryingDataset broken(8);
  broken.broken = 3;
  for (const int threads : {1, 3}) {
    options = {};
    options.threads = threads;
    EXPECT_OCTAVO_ERROR(calibrated(broken, options), ErrorCode::kInvalidData, "varying[3]");
  }
}

}  // namespace
}  // namespace octavo
