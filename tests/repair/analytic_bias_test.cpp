#include "repair/analytic_bias.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/graph.h"
#include "model/print.h"
#include "octavo/executor.h"
#include "octavo/quantize.h"
#include "prepare/prepare.h"
#include "repair/channel_means.h"
#include "repair/expected_means.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"
#include "support/planned.h"

namespace octavo {
namespace {

// Of standard normal inputs the first Conv makes normal channels of variance 0.8^2 + 0.6^2 = 1: the
// BatchNormalization knows them exactly. The second has weights that its 8-bit scale of 2 / 127
// rounds down, all of them.
constexpr std::string_view kNetwork = R"(
  opset 14
  input x: float32[N,2,32,32]
  const w1: float32[2,2,1,1] = 0.8 0.6 0.6 -0.8
  const gamma: float32[2] = 2 1.5
  const beta: float32[2] = 0.5 1
  const mean: float32[2] = 0 0
  const variance: float32[2] = 1 1
  const w2: float32[2,2,1,1] = 2 0.0233 0.0233 2
  c = Conv(x, w1) "one"
  n = BatchNormalization(c, gamma, beta, mean, variance) {epsilon=1e-12} "norm"
  r = Relu(n) "relu"
  y = Conv(r, w2) "two"
  output y: float32[N,2,32,32]
)";

class AnalyticBias : public ::testing::Test {
 protected:
  AnalyticBias()
      : given_(testing::parse_graph(kNetwork)),
        prepared_(prepare(given_, {}).model),
        executor_(make_executor("onnxruntime")),
        data_({1, 2, 32, 32}, 40),
        plan_(testing::make_planned(prepared_, {-20, 20}).plan) {}

  ExpectedMeans expected() const { return expected_means(Graph(given_.proto().graph())); }

  // How far the mean of each channel of y is off.
  std::vector<double> shifts(const Model& quantized) const {
    const StagedRun run(data_, *executor_, 2);
    const std::vector<ChannelTensor> tensors = {{"y", 1}};
    const auto wanted = channel_means(run, prepared_, tensors).front();
    const auto found = channel_means(run, quantized, tensors).front();
    std::vector<double> result(2, 0);
    for (std::size_t s = 0; s < wanted.size(); ++s) {
      for (std::size_t c = 0; c < 2; ++c) {
        result[c] += (found[s][c] - wanted[s][c]) / static_cast<double>(wanted.size());
      }
    }
    return result;
  }

  // Of the prepared model with the second layer's weights as codes, and nothing else.
  RepairedWeights stored() const {
    RepairedWeights weights{prepared_, {}, {}};
    for (const PlannedConstant& constant : plan_.constants) {
      if (constant.node == "two") {
        weights.plan.weights.push_back({constant.tensor, "two", 1, {}, constant.params});
      }
    }
    return weights;
  }

  Model given_;
  Model prepared_;
  std::unique_ptr<Executor> executor_;
  testing::NoiseDataset data_;
  Plan plan_;
};

TEST_F(AnalyticBias, IsTheTruthOnNormalData) {
  const Recipe recipe;
  const RepairedWeights before = stored();
  const WeightRepairTask task{data_, *executor_, recipe, 1, expected()};
  const WeightRepairResult result = repair_analytic_bias(task, before);
  ASSERT_EQ(result.changes.size(), 1U);
  const auto off = shifts(with_code_values(before.model, before.plan));
  const auto left = shifts(with_code_values(result.repaired.model, result.repaired.plan));
  for (std::size_t c = 0; c < 2; ++c) {
    EXPECT_GT(std::abs(off[c]), 0.005) << c;
    EXPECT_LT(std::abs(left[c]), 0.03 * std::abs(off[c])) << c;
  }
}

TEST_F(AnalyticBias, CorrectsAPlannedModelAsWell) {
  const RepairTask task{prepared_, data_, *executor_, 1, expected()};
  const RepairResult result = repair_analytic_bias(task, {prepared_, plan_});
  ASSERT_EQ(result.changes.size(), 1U);
  EXPECT_EQ(result.changes[0].node, "two");
  ASSERT_EQ(result.refusals.size(), 1U) << "the first layer reads what nobody normalized";
  EXPECT_EQ(result.refusals[0],
            (RepairNote{"one", "no BatchNormalization tells the means of its input 'x'"}));
  const Recipe recipe;
  const WeightRepairTask other{data_, *executor_, recipe, 1, expected()};
  EXPECT_EQ(print_graph(result.repaired.model),
            print_graph(repair_analytic_bias(other, stored()).repaired.model))
      << "the same bias as where weights alone are codes";
  ASSERT_EQ(result.repaired.plan.biases.size(), plan_.biases.size() + 1) << "in codes, too";
}

TEST_F(AnalyticBias, SaysThatNothingIsKnown) {
  const RepairTask task{prepared_, data_, *executor_, 1, {}};
  const RepairResult result = repair_analytic_bias(task, {prepared_, plan_});
  EXPECT_TRUE(result.changes.empty());
  ASSERT_EQ(result.refusals.size(), 1U);
  EXPECT_EQ(result.refusals[0],
            (RepairNote{"", "the model has no BatchNormalization that tells what channels hold"}));
  EXPECT_EQ(print_graph(result.repaired.model), print_graph(prepared_));
}

QuantizeOptions asked_for(Mode mode) {
  QuantizeOptions options;
  options.recipe.mode = mode;
  options.recipe.weight_symmetry = Symmetry::kSymmetric;
  options.repairs = {"analytic_bias"};
  return options;
}

// 1024 weights: fewer stay float in this mode.
constexpr std::string_view kWide = R"(
  opset 14
  input x: float32[N,32,4,4]
  const w1: float32[32,32,1,1] = random(1)
  const gamma: float32[32] = random(2, 0.5, 1.5)
  const beta: float32[32] = random(3, 1, 2)
  const mean: float32[32] = random(4)
  const variance: float32[32] = random(5, 1, 2)
  const w2: float32[32,32,1,1] = random(6)
  c = Conv(x, w1) "one"
  n = BatchNormalization(c, gamma, beta, mean, variance) "norm"
  r = Relu(n) "relu"
  y = Conv(r, w2) "two"
  output y: float32[N,32,4,4]
)";

TEST(AnalyticBiasInAMode, NeedsNoSamples) {
  QuantizeOptions options = asked_for(Mode::kWeightOnly);
  options.recipe.weight_symmetry.reset();
  options.recipe.weight_dtype = DType::kInt8;
  const QuantizeResult result = quantize_model(testing::parse_graph(kWide), options);
  ASSERT_EQ(result.repairs.size(), 1U);
  EXPECT_EQ(result.repairs[0].held_out, 0U);
  EXPECT_TRUE(result.repairs[0].kept) << "nothing judges it";
  ASSERT_EQ(result.repairs[0].changes.size(), 1U);
  EXPECT_EQ(result.repairs[0].changes[0].node, "two");
}

TEST(AnalyticBiasInAMode, IsJudgedOnSamplesWhereThereAreSome) {
  const testing::NoiseDataset data({1, 32, 4, 4}, 12);
  const QuantizeResult result =
      quantize_model(testing::parse_graph(kWide), data, asked_for(Mode::kStatic));
  ASSERT_EQ(result.repairs.size(), 1U);
  EXPECT_EQ(result.repairs[0].held_out, 4U);
  EXPECT_NE(result.repairs[0].before_db, 0);
}

TEST(AnalyticBiasInAMode, WorksWithStatisticsAlone) {
  const Model model = testing::parse_graph(kWide);
  const testing::NoiseDataset data({1, 32, 4, 4}, 6);
  const QuantizeOptions options = asked_for(Mode::kStatic);
  const CalibrationTask task = calibration_task(model, options);
  const Statistics statistics =
      calibrate(task.model, task.tensors, data, *make_executor("onnxruntime"), {});
  const QuantizeResult result = quantize_model(model, statistics, options);
  ASSERT_EQ(result.repairs.size(), 1U);
  EXPECT_EQ(result.repairs[0].changes.size(), 1U);
  QuantizeOptions with_data = options;
  with_data.repairs = {"analytic_bias", "bias"};
  EXPECT_OCTAVO_ERROR(quantize_model(model, statistics, with_data), ErrorCode::kInvalidArgument,
                      "repair 'bias' runs the model on calibration data, and there are only "
                      "statistics");
}

}  // namespace
}  // namespace octavo
