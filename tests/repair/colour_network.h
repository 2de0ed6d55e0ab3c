// A small convolutional network in 4-bit weights, and images for it.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "repair/repaired.h"
#include "rewrite/rewrite.h"
#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo::testing {

inline constexpr std::string_view kColourNetwork = R"(
  opset 13
  input x: float32[N,3,8,8]
  const w1: float32[8,3,3,3] = random(1)
  const b1: float32[8] = random(2)
  const wd: float32[8,1,3,3] = random(3)
  const w2: float32[6,8,1,1] = random(4)
  const w3: float32[6,4] = random(5)
  const b3: float32[4] = random(6)
  c1 = Conv(x, w1, b1) {pads=[1,1,1,1]} "stem"
  r1 = Relu(c1) "relu"
  c2 = Conv(r1, wd) {pads=[1,1,1,1], group=8} "depth"
  c3 = Conv(c2, w2) "project"
  r3 = Relu(c3) "relu3"
  p = GlobalAveragePool(r3) "pool"
  f = Flatten(p) "flatten"
  y = Gemm(f, w3, b3) "classify"
  output y: float32[N,4]
)";

// Images of one colour each with a little noise: neighbours are alike, as in pictures. Where all
// inputs are independent, nearest is the best rounding.
class Colours final : public Dataset {
 public:
  Colours(std::size_t first, std::size_t count) : first_(first), count_(count) {}
  std::size_t size() const override { return count_; }
  bool labelled() const override { return false; }
  Sample at(std::size_t index) const override {
    std::mt19937 random(static_cast<std::uint32_t>(first_ + index) + 1);
    std::normal_distribution<float> normal(0, 1);
    Tensor tensor(DType::kFloat32, {1, 3, 8, 8});
    const auto values = tensor.mutable_as<float>();
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const float colour = normal(random);
      for (float& value : values.subspan(channel * 64, 64)) value = colour + normal(random) / 4;
    }
    Sample sample;
    sample.inputs.push_back(std::move(tensor));
    sample.name = "colours[" + std::to_string(index) + "]";
    return sample;
  }

 private:
  std::size_t first_;
  std::size_t count_;
};

// A network of that input, before it is repaired.
class ColourNetwork : public ::testing::Test {
 protected:
  explicit ColourNetwork(std::string_view text = kColourNetwork, int activation_bits = 8,
                         std::size_t samples = 48)
      : model_(parse_graph(text)),
        executor_(make_executor("onnxruntime")),
        data_(0, samples),
        before_{model_, {}} {
    const Graph graph(model_.proto().graph());
    Profile profile = load_profile("onnxruntime-x86");
    profile.weight.reduced_bits = 4;  // what rounding does matters
    profile.activation.reduced_bits = 8 - activation_bits;
    const Placement placement = place(graph, profile, {});
    const Statistics statistics =
        calibrate(model_, placement.observed_tensors(), data_, *executor_, {});
    before_.plan = make_plan(graph, placement, statistics, profile, {});
  }

  // On images that no repair saw.
  double sqnr_db(const Repaired& repaired) const {
    const auto reference = executor_->load(model_, {});
    const auto quantized = executor_->load(rewrite(repaired.model, repaired.plan), {});
    const Colours unseen(1000, 40);
    double signal = 0;
    double noise = 0;
    for (std::size_t i = 0; i < unseen.size(); ++i) {
      const Sample sample = unseen.at(i);
      const auto a = reference->run(sample.inputs);
      const auto b = quantized->run(sample.inputs);
      for (std::size_t k = 0; k < a[0].size(); ++k) {
        signal += a[0].at(k) * a[0].at(k);
        noise += (a[0].at(k) - b[0].at(k)) * (a[0].at(k) - b[0].at(k));
      }
    }
    return 10 * std::log10(signal / noise);
  }

  RepairTask task(int threads) const { return {model_, data_, *executor_, threads}; }

  Model model_;
  std::unique_ptr<Executor> executor_;
  Colours data_;
  Repaired before_;
};

}  // namespace octavo::testing
