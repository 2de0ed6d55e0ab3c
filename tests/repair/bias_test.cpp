#include "repair/bias.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/graph.h"
#include "model/print.h"
#include "model/tensor_proto.h"
#include "repair/channel_means.h"
#include "rewrite/rewrite.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"
#include "support/planned.h"

namespace octavo {
namespace {

// Weights that an 8-bit scale of 2 / 127 rounds down, all of them: the mean moves.
constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,2,4,4]
  const w1: float32[2,2,1,1] = 2 0.0233 0.0233 2
  const b1: float32[2] = 0.5 0.25
  const w2: float32[2,2,1,1] = 1 0.0117 0.0117 1
  h = Abs(x) "abs"
  a = Conv(h, w1, b1) "one"
  r = Relu(a) "relu"
  y = Conv(r, w2) "two"
  output y: float32[N,2,4,4]
)";

class Bias : public ::testing::Test {
 protected:
  Bias()
      : model_(testing::parse_graph(kNetwork)),
        executor_(make_executor("onnxruntime")),
        data_({1, 2, 4, 4}, 12),
        before_{model_, testing::make_planned(model_, {-8, 8}).plan} {}

  RepairTask task() const { return {model_, data_, *executor_, 2}; }

  // How far the mean of the outputs is off, the worst channel.
  double largest_shift(const Repaired& repaired) const {
    const StagedRun run(data_, *executor_, 1);
    const std::vector<ChannelTensor> tensors = {{"y", 1}};
    const auto wanted = channel_means(run, model_, tensors).front();
    const auto found = channel_means(run, rewrite(repaired.model, repaired.plan), tensors).front();
    double largest = 0;
    for (std::size_t c = 0; c < 2; ++c) {
      double shift = 0;
      for (std::size_t s = 0; s < wanted.size(); ++s) shift += wanted[s][c] - found[s][c];
      largest = std::max(largest, std::abs(shift) / static_cast<double>(wanted.size()));
    }
    return largest;
  }

  Model model_;
  std::unique_ptr<Executor> executor_;
  testing::NoiseDataset data_;
  Repaired before_;
};

TEST_F(Bias, TakesTheShiftBack) {
  const RepairResult result = repair_bias(task(), before_);
  EXPECT_EQ(result.changes.size(), 2U);
  const double before = largest_shift(before_);
  const double after = largest_shift(result.repaired);
  EXPECT_GT(before, 0.005);
  EXPECT_LT(after, before / 4);
}

TEST_F(Bias, GivesALayerABiasThatHasNone) {
  const RepairResult result = repair_bias(task(), before_);
  const Graph graph(result.repaired.model.proto().graph());
  EXPECT_EQ(graph.node("two")->input(2), "two_bias");
  const Model quantized = rewrite(result.repaired.model, result.repaired.plan);
  const Graph after(quantized.proto().graph());
  const onnx::NodeProto* stored = after.producer(after.node("two")->input(2));
  ASSERT_NE(stored, nullptr) << "int32 codes behind a DequantizeLinear, as every bias";
  EXPECT_EQ(stored->op_type(), "DequantizeLinear");
  EXPECT_EQ(after.initializer(stored->input(0))->data_type(), onnx::TensorProto::INT32);
}

TEST_F(Bias, LeavesScalesAndWeights) {
  const RepairResult result = repair_bias(task(), before_);
  const Graph before(before_.model.proto().graph());
  const Graph after(result.repaired.model.proto().graph());
  for (const char* name : {"w1", "w2"}) {
    EXPECT_EQ(before.initializer(name)->SerializeAsString(),
              after.initializer(name)->SerializeAsString());
  }
  ASSERT_EQ(result.repaired.plan.constants.size(), before_.plan.constants.size());
  for (std::size_t i = 0; i < before_.plan.constants.size(); ++i) {
    EXPECT_EQ(result.repaired.plan.constants[i].params, before_.plan.constants[i].params);
  }
}

TEST_F(Bias, IsTheSameAtAnyNumberOfThreads) {
  RepairTask one = task();
  one.threads = 1;
  RepairTask three = task();
  three.threads = 3;
  EXPECT_EQ(print_graph(repair_bias(one, before_).repaired.model),
            print_graph(repair_bias(three, before_).repaired.model));
}

TEST_F(Bias, RefusesAMatMul) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,2,4,4]
    const w: float32[4,2] = random(1)
    y = MatMul(x, w) "product"
    output y: float32[N,2,4,2]
  )");
  const Repaired before{model, testing::make_planned(model, {-2, 2}).plan};
  const RepairResult result = repair_bias({model, data_, *executor_, 1}, before);
  EXPECT_TRUE(result.changes.empty());
  ASSERT_EQ(result.refusals.size(), 1U);
  EXPECT_EQ(result.refusals[0], (RepairNote{"product", "it can hold no such bias"}));
}

}  // namespace
}  // namespace octavo
