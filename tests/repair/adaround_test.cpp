#include "repair/adaround.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "model/graph.h"
#include "model/print.h"
#include "model/tensor_proto.h"
#include "rewrite/rewrite.h"
#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

constexpr std::string_view kNetwork = R"(
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

class Adaround : public ::testing::Test {
 protected:
  Adaround()
      : model_(testing::parse_graph(kNetwork)),
        executor_(make_executor("onnxruntime")),
        data_(0, 48),
        before_{model_, {}} {
    const Graph graph(model_.proto().graph());
    Profile profile = load_profile("onnxruntime-x86");
    profile.weight.reduced_bits = 4;  // what rounding does matters
    const Placement placement = place(graph, profile, {});
    const Statistics statistics =
        calibrate(model_, placement.observed_tensors(), data_, *executor_, {});
    before_.plan = make_plan(graph, placement, statistics, profile, {});
  }

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

TEST_F(Adaround, HalvesTheNoiseOnSamplesThatItDidNotSee) {
  const RepairResult result = repair_adaround(task(2), before_);
  EXPECT_EQ(result.changes.size(), 4U);
  EXPECT_GT(sqnr_db(result.repaired), sqnr_db(before_) + 6);
}

TEST_F(Adaround, ChoosesOneOfTheTwoNeighbours) {
  const RepairResult result = repair_adaround(task(2), before_);
  const Graph before(before_.model.proto().graph());
  const Graph after(result.repaired.model.proto().graph());
  std::size_t moved = 0;
  for (const PlannedConstant& constant : before_.plan.constants) {
    const Tensor exact = tensor_from_proto(*before.initializer(constant.tensor));
    const Tensor chosen = tensor_from_proto(*after.initializer(constant.tensor));
    const Tensor nearest = fake_quantize(exact, constant.params);
    const Tensor kept = fake_quantize(chosen, constant.params);
    const float step =
        *std::max_element(constant.params.scale.begin(), constant.params.scale.end());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      EXPECT_EQ(chosen.at(i), kept.at(i)) << "what is stored is a code's value";
      EXPECT_LT(std::abs(chosen.at(i) - exact.at(i)), 1.001 * static_cast<double>(step));
      moved += chosen.at(i) != nearest.at(i) ? 1 : 0;
    }
  }
  EXPECT_GT(moved, 20U);
}

TEST_F(Adaround, IsTheSameAtAnyNumberOfThreads) {
  EXPECT_EQ(print_graph(repair_adaround(task(1), before_).repaired.model),
            print_graph(repair_adaround(task(3), before_).repaired.model));
}

TEST_F(Adaround, RefusesATransposedConvolution) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[3,2,2,2] = random(1)
    y = ConvTranspose(x, w) "up"
    output y: float32[N,2,9,9]
  )");
  Profile profile = load_profile("onnxruntime-x86");
  profile.operators["ConvTranspose"] = profile.operators.find("Conv")->second;
  const Graph graph(model.proto().graph());
  const Placement placement = place(graph, profile, {});
  const Statistics statistics =
      calibrate(model, placement.observed_tensors(), data_, *executor_, {});
  const Repaired before{model, make_plan(graph, placement, statistics, profile, {})};
  const RepairResult result = repair_adaround({model, data_, *executor_, 1}, before);
  EXPECT_TRUE(result.changes.empty());
  ASSERT_EQ(result.refusals.size(), 1U);
  EXPECT_EQ(result.refusals[0].text, "its windows cannot be taken apart");
}

}  // namespace
}  // namespace octavo
