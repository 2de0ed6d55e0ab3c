// gptq, seqmse and awq on a network with outliers, each by itself.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "model/graph.h"
#include "model/print.h"
#include "model/tensor_proto.h"
#include "modes/select_weights.h"
#include "modes/write_weights.h"
#include "repair/awq.h"
#include "repair/gptq.h"
#include "repair/outlier_network.h"
#include "repair/seqmse.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

class WeightRepairs : public ::testing::Test {
 protected:
  WeightRepairs()
      : model_(testing::with_outliers(20)),
        executor_(make_executor("onnxruntime")),
        data_({1, 6, 64}, 48),
        before_{model_, {}, {}} {
    recipe_.mode = Mode::kWeightOnly;
    recipe_.weight_dtype = DType::kInt4;
    const Graph graph(model_.proto().graph());
    before_.selection = select_weights(graph, load_profile("onnxruntime-x86"), recipe_);
    before_.plan = plan_weights(graph, before_.selection, recipe_);
  }

  // Of what is written, without the rounding of activations inside ONNX Runtime's kernels.
  double sqnr_db(const RepairedWeights& repaired) const {
    const auto reference = executor_->load(model_, {});
    const auto quantized = executor_->load(with_code_values(repaired.model, repaired.plan), {});
    const testing::NoiseDataset unseen({1, 6, 64}, 80);
    double signal = 0;
    double noise = 0;
    for (std::size_t i = 48; i < unseen.size(); ++i) {
      const Sample sample = unseen.at(i);
      const Tensor a = reference->run(sample.inputs).front();
      const Tensor b = quantized->run(sample.inputs).front();
      for (std::size_t k = 0; k < a.size(); ++k) {
        signal += a.at(k) * a.at(k);
        noise += (a.at(k) - b.at(k)) * (a.at(k) - b.at(k));
      }
    }
    return 10 * std::log10(signal / noise);
  }

  WeightRepairTask task(int threads) const { return {data_, *executor_, recipe_, threads}; }

  Model model_;
  std::unique_ptr<Executor> executor_;
  testing::NoiseDataset data_;
  Recipe recipe_;
  RepairedWeights before_;
};

TEST_F(WeightRepairs, GptqLowersTheNoiseOnSamplesThatItDidNotSee) {
  const WeightRepairResult result = repair_gptq(task(2), before_);
  EXPECT_EQ(result.changes.size(), 3U);
  EXPECT_GT(sqnr_db(result.repaired), sqnr_db(before_) + 1);
}

TEST_F(WeightRepairs, GptqStoresValuesOfCodesUnderTheSameScales) {
  const WeightRepairResult result = repair_gptq(task(2), before_);
  const Graph graph(result.repaired.model.proto().graph());
  ASSERT_EQ(result.repaired.plan.weights.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const PlannedWeight& weight = result.repaired.plan.weights[i];
    EXPECT_EQ(weight.params, before_.plan.weights[i].params);
    const Tensor values = tensor_from_proto(*graph.initializer(weight.tensor));
    const Tensor rounded = fake_quantize(values, weight.params);
    for (std::size_t k = 0; k < values.size(); ++k) EXPECT_EQ(values.at(k), rounded.at(k));
  }
}

TEST_F(WeightRepairs, SeqmseLowersTheNoiseByScalesAlone) {
  const WeightRepairResult result = repair_seqmse(task(2), before_);
  EXPECT_EQ(result.changes.size(), 3U);
  EXPECT_GT(sqnr_db(result.repaired), sqnr_db(before_));
  EXPECT_EQ(print_graph(result.repaired.model), print_graph(model_));
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& scales = result.repaired.plan.weights[i].params.scale;
    const auto& before = before_.plan.weights[i].params.scale;
    for (std::size_t k = 0; k < scales.size(); ++k) {
      EXPECT_LE(scales[k], before[k]);
      EXPECT_GT(scales[k], 0.4F * before[k]);
    }
  }
}

TEST_F(WeightRepairs, AwqGivesOutliersFinerSteps) {
  const WeightRepairResult result = repair_awq(task(2), before_);
  ASSERT_GE(result.changes.size(), 2U) << "up and side read the same";
  EXPECT_NE(result.changes[0].text.find("folded"), std::string::npos) << result.changes[0].text;
  EXPECT_GT(sqnr_db(result.repaired), sqnr_db(before_) + 1);
  const RepairedWeights exact{result.repaired.model, {}, {}};
  EXPECT_GT(sqnr_db(exact), 100) << "the float model computes what it did";
}

TEST_F(WeightRepairs, WorkTogether) {
  const WeightRepairResult awq = repair_awq(task(2), before_);
  const WeightRepairResult seqmse = repair_seqmse(task(2), awq.repaired);
  const WeightRepairResult gptq = repair_gptq(task(2), seqmse.repaired);
  EXPECT_GT(sqnr_db(seqmse.repaired), sqnr_db(awq.repaired));
  EXPECT_GT(sqnr_db(gptq.repaired), sqnr_db(seqmse.repaired));
}

TEST_F(WeightRepairs, TakeThreeBits) {
  recipe_.rules.push_back(parse_rule("all: weight-bits=3"));
  const Graph graph(model_.proto().graph());
  before_.selection = select_weights(graph, load_profile("onnxruntime-x86"), recipe_);
  before_.plan = plan_weights(graph, before_.selection, recipe_);
  for (const auto repair : {repair_awq, repair_seqmse, repair_gptq}) {
    const WeightRepairResult result = repair(task(2), before_);
    EXPECT_GT(sqnr_db(result.repaired), sqnr_db(before_));
    for (const PlannedWeight& weight : result.repaired.plan.weights) {
      EXPECT_EQ(code_range(weight.params.scheme), (CodeRange{-4, 3})) << weight.node;
    }
  }
}

TEST_F(WeightRepairs, AreTheSameAtAnyNumberOfThreads) {
  for (const auto repair : {repair_awq, repair_seqmse, repair_gptq}) {
    const RepairedWeights one = repair(task(1), before_).repaired;
    const RepairedWeights three = repair(task(3), before_).repaired;
    EXPECT_EQ(print_graph(write_weights(one.model, one.plan)),
              print_graph(write_weights(three.model, three.plan)));
  }
}

TEST_F(WeightRepairs, LeaveSharedWeightsAlone) {
  const Model model = testing::parse_graph(R"(
    opset 17
    input x: float32[N,6,64]
    const w: float32[64,64] = random(3)
    h = MatMul(x, w) "first"
    y = MatMul(h, w) "second"
    output y: float32[N,6,64]
  )");
  const Graph graph(model.proto().graph());
  RepairedWeights before{
      model, select_weights(graph, load_profile("onnxruntime-x86"), recipe_), {}};
  before.plan = plan_weights(graph, before.selection, recipe_);
  for (const auto repair : {repair_awq, repair_seqmse, repair_gptq}) {
    const WeightRepairResult result = repair(task(1), before);
    EXPECT_TRUE(result.changes.empty());
    ASSERT_EQ(result.refusals.size(), 2U);
    EXPECT_EQ(result.refusals[0].text, "another node reads the same weights");
  }
}

}  // namespace
}  // namespace octavo
