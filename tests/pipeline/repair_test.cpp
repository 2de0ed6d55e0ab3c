// Repairs as quantize_model applies them: judged on samples held out, and undone where they do not
// help.
#include <gtest/gtest.h>

#include <string>

#include "model/graph.h"
#include "model/print.h"
#include "model/tensor_proto.h"
#include "octavo/quantize.h"
#include "pipeline/repair_judge.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,3,6,6]
  const w1: float32[8,3,3,3] = random(1)
  const b1: float32[8] = random(2)
  const wd: float32[8,1,3,3] = random(3)
  const w3: float32[8,5] = random(6)
  const b3: float32[5] = random(7)
  c1 = Conv(x, w1, b1) {pads=[1,1,1,1]} "stem"
  r1 = Relu(c1) "relu"
  c2 = Conv(r1, wd) {pads=[1,1,1,1], group=8} "depth"
  p = GlobalAveragePool(c2) "pool"
  f = Flatten(p) "flatten"
  l = Gemm(f, w3, b3) "classify"
  y = Softmax(l) {axis=1} "softmax"
  output y: float32[N,5]
)";

// The first channels of the stem are 300 times too small, what reads them as much too large.
Model uneven(std::size_t channels = 1) {
  Model model = testing::parse_graph(kNetwork);
  for (onnx::TensorProto& tensor : *model.mutable_proto().mutable_graph()->mutable_initializer()) {
    const bool is_stem = tensor.name() == "w1" || tensor.name() == "b1";
    if (!is_stem && tensor.name() != "wd") continue;
    Tensor values = tensor_from_proto(tensor);
    const std::size_t row = values.size() / 8;
    for (float& value : values.mutable_as<float>().first(channels * row)) {
      value *= is_stem ? 1.0F / 300 : 300.0F;
    }
    tensor = tensor_to_proto(values, tensor.name());
  }
  return model;
}

QuantizeOptions per_tensor(std::vector<std::string> repairs) {
  QuantizeOptions options;
  options.recipe.weight_granularity = Granularity::kPerTensor;
  options.repairs = std::move(repairs);
  return options;
}

TEST(Repair, BringsBackAnUnevenDepthwiseLayer) {
  const testing::NoiseDataset data({1, 3, 6, 6}, 48);
  const QuantizeResult result = quantize_model(uneven(), data, per_tensor({"bias", "equalize"}));
  ASSERT_EQ(result.repairs.size(), 2U);
  const RepairOutcome& equalize = result.repairs[0];
  EXPECT_EQ(equalize.name, "equalize") << "first, whatever the order asked for";
  EXPECT_TRUE(equalize.kept);
  EXPECT_GT(equalize.after_db, equalize.before_db + 6);
  EXPECT_EQ(equalize.samples + equalize.held_out, 48U);
  EXPECT_EQ(result.repairs[1].name, "bias");
  EXPECT_DOUBLE_EQ(result.repairs[1].before_db, equalize.after_db);
}

TEST(Repair, LeavesTheModelAsItWasWhereNothingHelps) {
  // One multiplication by 1: exact in codes, nothing to gain.
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,2,2,2]
    const w: float32[2,2,1,1] = 1 0 0 1
    c = Conv(x, w) "conv"
    y = Relu(c) "relu"
    output y: float32[N,2,2,2]
  )");
  const testing::NoiseDataset data({1, 2, 2, 2}, 12);
  QuantizeOptions options;
  const QuantizeResult plain = quantize_model(model, data, options);
  options.repairs = {"equalize", "bias"};
  const QuantizeResult repaired = quantize_model(model, data, options);
  for (const RepairOutcome& outcome : repaired.repairs) EXPECT_FALSE(outcome.kept) << outcome.name;
  EXPECT_EQ(print_graph(plain.model), print_graph(repaired.model));
}

TEST(Repair, ABudgetGoesOverToTheTargetsSchemeBeforeItKeepsLayersFloat) {
  const testing::NoiseDataset data({1, 3, 6, 6}, 48);
  QuantizeOptions options = per_tensor({});
  options.budget = AccuracyBudget{0.3, &data};
  const Model model = uneven(7);
  const BudgetOutcome scheme = *quantize_model(model, data, options).budget;
  EXPECT_GT(scheme.search.first_drop(), 0.3);
  EXPECT_TRUE(scheme.met);
  EXPECT_EQ(scheme.scheme_changes,
            (std::vector<std::string>{"the target's granularity of weights"}));
  EXPECT_TRUE(scheme.kept_float.empty());
  EXPECT_EQ(scheme.evaluations, 2U);
  ASSERT_EQ(scheme.steps.size(), 2U);
  EXPECT_EQ(scheme.steps[0].what, "as asked for");
  EXPECT_FALSE(scheme.steps[0].within);
  EXPECT_EQ(scheme.steps[0].why, "beyond the budget");
  EXPECT_EQ(scheme.steps[1].what, "the target's own scheme");
  EXPECT_TRUE(scheme.steps[1].kept);
  EXPECT_EQ(scheme.steps[1].value, scheme.search.value);

  options.budget->max_drop = 1;
  EXPECT_TRUE(quantize_model(model, data, options).budget->scheme_changes.empty())
      << "what was asked for is within the budget";
}

TEST(Repair, IsTheSameAtAnyNumberOfThreads) {
  const testing::NoiseDataset data({1, 3, 6, 6}, 24);
  QuantizeOptions one = per_tensor({"equalize", "adaround", "bias"});
  QuantizeOptions three = one;
  three.threads = 3;
  EXPECT_EQ(print_graph(quantize_model(uneven(), data, one).model),
            print_graph(quantize_model(uneven(), data, three).model));
}

TEST(Repair, NeedsSamplesToBeJudgedOn) {
  const testing::NoiseDataset data({1, 3, 6, 6}, 1);
  EXPECT_OCTAVO_ERROR(quantize_model(uneven(), data, per_tensor({"bias"})), ErrorCode::kInvalidData,
                      "1 calibration sample(s), expected at least 2");
}

TEST(RepairJudge, LooksBeforeASoftmax) {
  const Model model = testing::parse_graph(kNetwork);
  Model shifted = testing::parse_graph(kNetwork);
  // All logits up by one: the Softmax hides it.
  for (onnx::TensorProto& tensor :
       *shifted.mutable_proto().mutable_graph()->mutable_initializer()) {
    if (tensor.name() != "b3") continue;
    Tensor values = tensor_from_proto(tensor);
    for (float& value : values.mutable_as<float>()) value += 1;
    tensor = tensor_to_proto(values, tensor.name());
  }
  const testing::NoiseDataset data({1, 3, 6, 6}, 9);
  const auto executor = make_executor("onnxruntime");
  const RepairJudge judge(model, data, *executor, 1);
  EXPECT_EQ(judge.held_out(), 3U);
  EXPECT_EQ(judge.repair_samples().size(), 6U);
  EXPECT_LT(mean_db(judge.noise_of(shifted)), 40);
  EXPECT_EQ(mean_db(judge.noise_of(model)), 200) << "equal outputs";
}

TEST(RepairJudge, WantsMoreThanChance) {
  const SampleNoise before = {20, 22, 24, 26};
  EXPECT_TRUE(is_better({21, 23, 25, 27}, before)) << "every sample gains";
  EXPECT_FALSE(is_better({26, 20, 26, 22}, before)) << "half a decibel, give or take four";
  EXPECT_FALSE(is_better({22, 22, 25, 26}, before)) << "two of four gain: not enough";
  EXPECT_FALSE(is_better(before, before));
  EXPECT_FALSE(is_better({19, 21, 23, 25}, before));
}

}  // namespace
}  // namespace octavo
