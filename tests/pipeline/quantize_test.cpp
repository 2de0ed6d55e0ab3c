#include "octavo/quantize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "model/print.h"
#include "octavo/evaluation.h"
#include "onnx/onnx-ml.pb.h"
#include "placement/profile.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

// Everything at once: BatchNormalization, a residual Add, depthwise, Concat, pooling, a classifier.
constexpr std::string_view kNetwork = R"(
  opset 11
  input x: float32[N,3,16,16]
  const w1: float32[8,3,3,3] = random(1)
  const s1: float32[8] = random(2, 0.5, 1.5)
  const t1: float32[8] = random(3)
  const m1: float32[8] = random(4)
  const v1: float32[8] = random(5, 0.5, 1.5)
  const w2: float32[8,1,3,3] = random(6)
  const b2: float32[8] = random(7)
  const w3: float32[8,8,1,1] = random(8)
  const w4: float32[8,16,1,1] = random(9)
  const w5: float32[8,10] = random(10)
  const b5: float32[10] = random(11)
  c1 = Conv(x, w1) {pads=[1,1,1,1]} "stem"
  n1 = BatchNormalization(c1, s1, t1, m1, v1) "norm"
  r1 = Relu(n1) "relu1"
  c2 = Conv(r1, w2, b2) {group=8, pads=[1,1,1,1]} "depthwise"
  r2 = Clip(c2) "clip"
  c3 = Conv(r2, w3) "pointwise"
  a3 = Add(c3, r1) "add"
  p3 = MaxPool(a3) {kernel_shape=[2,2], strides=[2,2]} "pool"
  j3 = Concat(p3, p3) {axis=1} "concat"
  c4 = Conv(j3, w4) "merge"
  g4 = GlobalAveragePool(c4) "average"
  f4 = Flatten(g4) "flatten"
  y = Gemm(f4, w5, b5) "classifier"
  output y: float32[N,10]
)";

TEST(QuantizeModel, EveryPlannedConvRunsAsAnIntegerKernel) {
  const Model model = testing::parse_graph(kNetwork);
  const QuantizeResult result = quantize_model(model, testing::NoiseDataset({1, 3, 16, 16}, 8), {});
  std::size_t planned = 0;
  for (const NodeOutcome& node : result.nodes) {
    planned += node.op_type == "Conv" && node.decision == "quantized" ? 1 : 0;
  }
  EXPECT_EQ(planned, 4u);
  std::multiset<std::string> executed;
  for (const ExecutedNode& node : make_executor("onnxruntime")->executed_graph(result.model)) {
    executed.insert(node.op_type);
  }
  EXPECT_EQ(executed.count("QLinearConv"), planned);
  EXPECT_EQ(executed.count("Conv") + executed.count("FusedConv"), 0u);
  EXPECT_EQ(executed.count("QGemm"), 1u);
  EXPECT_EQ(executed.count("Gemm"), 0u);
  EXPECT_EQ(executed.count("QLinearAdd"), 1u);
  // One at the input, and what the float ends need: no pair between integer kernels.
  EXPECT_LE(executed.count("QuantizeLinear"), 1u);
  EXPECT_EQ(executed.count("DequantizeLinear"), 0u);
}

// Left alone, ONNX Runtime quantizes float weights between codes, with one scale for all channels.
TEST(QuantizeModel, WhatStaysFloatIsNotRequantizedByTheRuntime) {
  const Model model = testing::parse_graph(kNetwork);
  for (const char* name : {"stem", "depthwise", "pointwise", "merge", "classifier"}) {
    QuantizeOptions options;
    options.recipe.exclude_nodes = {name};
    const QuantizeResult result =
        quantize_model(model, testing::NoiseDataset({1, 3, 16, 16}, 8), options);
    std::multiset<std::string> executed;
    for (const ExecutedNode& node : make_executor("onnxruntime")->executed_graph(result.model)) {
      executed.insert(node.op_type);
    }
    EXPECT_EQ(executed.count("QLinearConv") + executed.count("QGemm"), 4U) << name;
    EXPECT_EQ(executed.count("Conv") + executed.count("FusedConv") + executed.count("Gemm"), 1U)
        << name;
  }
}

TEST(QuantizeModel, OutputsStayCloseToTheFloatModel) {
  const Model model = testing::parse_graph(kNetwork);
  const testing::NoiseDataset data({1, 3, 16, 16}, 16);
  const QuantizeResult result = quantize_model(model, data, {});
  EvaluationOptions options;
  options.latency_seconds = 0;
  const std::vector<EvaluatedModel> models = {{"float", &model, 1}, {"int8", &result.model, 1}};
  const auto report = evaluate_models(models, data, *make_executor("onnxruntime"), options);
  EXPECT_GT(*report.models[1].metric("sqnr"), 25);
  EXPECT_EQ(report.models[1].metric("top1"), std::nullopt);
}

TEST(QuantizeModel, TheFastestCoverageIsMeasuredAndNeverSlowerThanFloat) {
  const Model model = testing::parse_graph(kNetwork);
  QuantizeOptions options;
  options.coverage = Coverage::kFastest;
  const QuantizeResult result =
      quantize_model(model, testing::NoiseDataset({1, 3, 16, 16}, 4), options);
  ASSERT_GE(result.coverages.size(), 2u);
  EXPECT_EQ(result.coverages.front().name, "widest");
  EXPECT_EQ(result.coverages.back().name, "float");
  EXPECT_EQ(result.coverages.back().quantized_nodes, 0u);
  EXPECT_EQ(result.coverages.back().ratio_to_float, 1);
  std::size_t quantized = 0;
  for (const NodeOutcome& node : result.nodes) quantized += node.decision == "quantized" ? 1 : 0;
  std::size_t chosen = 0;
  for (const MeasuredCoverage& coverage : result.coverages) {
    if (!coverage.chosen) continue;
    ++chosen;
    EXPECT_EQ(coverage.quantized_nodes, quantized);
    EXPECT_LE(coverage.ratio_to_float, 1 / 0.98);
  }
  EXPECT_EQ(chosen, 1u);
}

TEST(QuantizeModel, TargetsThatDoNotRunHereGetTheWidestCoverage) {
  const Model model = testing::parse_graph(kNetwork);
  for (const char* target :
       {"tensorrt", "tflite-spec", "tflite-spec-16x8", "onnxruntime-x86-avx2", "onnxruntime-arm"}) {
    QuantizeOptions options;
    options.target = target;
    options.coverage = Coverage::kFastest;
    const testing::NoiseDataset data({1, 3, 16, 16}, 4);
    if (load_profile(target).runs_here()) continue;
    const QuantizeResult result = quantize_model(model, data, options);
    EXPECT_TRUE(result.coverages.empty()) << target;
    // Every runtime understands the Q/DQ form: here it computes what the target would.
    const std::vector<EvaluatedModel> models = {{"float", &model, 1}, {"int8", &result.model, 1}};
    EvaluationOptions evaluation;
    evaluation.latency_seconds = 0;
    const auto report = evaluate_models(models, data, *make_executor("onnxruntime"), evaluation);
    EXPECT_GT(*report.models[1].metric("sqnr"), 20) << target;
  }
}

TEST(QuantizeModel, TheSameBytesOnAnyNumberOfThreads) {
  const Model model = testing::parse_graph(kNetwork);
  const testing::NoiseDataset data({1, 3, 16, 16}, 9);
  QuantizeOptions options;
  const std::string one = quantize_model(model, data, options).model.proto().SerializeAsString();
  options.threads = 3;
  EXPECT_EQ(quantize_model(model, data, options).model.proto().SerializeAsString(), one);
}

TEST(QuantizeModel, StatisticsServeInsteadOfData) {
  const Model model = testing::parse_graph(kNetwork);
  const testing::NoiseDataset data({1, 3, 16, 16}, 5);
  const CalibrationTask task = calibration_task(model, {});
  const Statistics statistics =
      calibrate(task.model, task.tensors, data, *make_executor("onnxruntime"), {});
  EXPECT_EQ(print_graph(quantize_model(model, statistics, {}).model),
            print_graph(quantize_model(model, data, {}).model));
}

TEST(QuantizeModel, AnEmptyDatasetIsRefused) {
  EXPECT_OCTAVO_ERROR(
      quantize_model(testing::parse_graph(kNetwork), testing::NoiseDataset({1, 3, 16, 16}, 0), {}),
      ErrorCode::kInvalidData, "no calibration samples", "0 in the data");
}

TEST(QuantizeModel, UnknownNamesAreRefused) {
  const Model model = testing::parse_graph(kNetwork);
  QuantizeOptions options;
  options.target = "toaster";
  EXPECT_OCTAVO_ERROR(inspect_model(model, options), ErrorCode::kInvalidArgument, "'toaster'");
  options = {};
  options.disabled_passes = {"fold_everything"};
  EXPECT_OCTAVO_ERROR(inspect_model(model, options), ErrorCode::kInvalidArgument,
                      "'fold_everything'", "fold_batchnorm");
}

TEST(QuantizeModel, ADisabledPassIsNotRun) {
  const Model model = testing::parse_graph(kNetwork);
  const auto has_norm = [&](const QuantizeOptions& options) {
    for (const NodeOutcome& node : inspect_model(model, options)) {
      if (node.op_type == "BatchNormalization") return true;
    }
    return false;
  };
  EXPECT_FALSE(has_norm({}));
  QuantizeOptions options;
  options.disabled_passes = {"fold_batchnorm"};
  EXPECT_TRUE(has_norm(options));
}

}  // namespace
}  // namespace octavo
