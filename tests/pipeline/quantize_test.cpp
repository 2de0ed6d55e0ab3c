#include "octavo/quantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/scratch_directory.h"
#include "model/print.h"
#include "octavo/evaluation.h"
#include "onnx/onnx-ml.pb.h"
#include "placement/profile.h"
#include "rewrite/additions_apart.h"
#include "rewrite/padded_channels.h"
#include "runtime/stand_in.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"
#include "support/outside_model.h"

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

// The last channel is never above zero, and its weight is large: one scale for all weights, which
// ONNX Runtime would take, leaves nothing of the others.
constexpr std::string_view kLargeWeight = R"(
  opset 13
  input x: float32[N,3,16,16]
  const w1: float32[4,3,3,3] = random(1)
  const b1: float32[4] = 0 0 0 -100
  const w2: float32[4,1,1,1] = 1 0.5 -0.7 1000
  const b2: float32[4] = 0.1 0.2 3 0.4
  const w3: float32[8,4,1,1] = random(3)
  c1 = Conv(x, w1, b1) "first"
  r1 = Relu(c1) "relu1"
  c2 = Conv(r1, w2, b2) {group=4} "kept"
  r2 = Relu(c2) "relu2"
  y = Conv(r2, w3) "last"
  output y: float32[N,8,14,14]
)";

double sqnr_in(const Executor& executor, const Model& model, const Model& quantized) {
  const testing::NoiseDataset data({1, 3, 16, 16}, 16);
  EvaluationOptions options;
  options.latency_seconds = 0;
  const std::vector<EvaluatedModel> models = {{"float", &model, 1}, {"int8", &quantized, 1}};
  return *evaluate_models(models, data, executor, options).models[1].metric("sqnr");
}

TEST(QuantizeModel, ALayerKeptInFloatRunsInFloat) {
  const Model model = testing::parse_graph(kLargeWeight);
  QuantizeOptions options;
  options.recipe.exclude_nodes = {"kept"};
  const testing::NoiseDataset data({1, 3, 16, 16}, 16);
  const Model guarded = quantize_model(model, data, options).model;
  const auto runtime = make_executor("onnxruntime");
  std::multiset<std::string> executed;
  for (const ExecutedNode& node : runtime->executed_graph(guarded)) executed.insert(node.op_type);
  EXPECT_EQ(executed.count("QLinearConv"), 2u);
  EXPECT_EQ(executed.count("Conv") + executed.count("FusedConv"), 1u);
  EXPECT_GT(sqnr_in(*runtime, model, guarded), 25);
}

// A file for another target has no guards: what stands in for its runtime must not need them. The
// runtime itself shows what they are for.
TEST(QuantizeModel, TheStandInRunsWhatIsWritten) {
  const Model model = testing::parse_graph(kLargeWeight);
  QuantizeOptions options;
  options.target = "openvino";
  options.recipe.exclude_nodes = {"kept"};
  const testing::NoiseDataset data({1, 3, 16, 16}, 16);
  const Model bare = quantize_model(model, data, options).model;
  EXPECT_GT(sqnr_in(*make_stand_in(), model, bare), 20);
  EXPECT_LT(sqnr_in(*make_executor("onnxruntime"), model, bare), 10);
}

TEST(QuantizeModel, TheFastestCoverageIsMeasuredAndNeverSlowerThanFloat) {
  const Model model = testing::parse_graph(kNetwork);
  QuantizeOptions options;
  options.coverage = Coverage::kFastest;
  const QuantizeResult result =
      quantize_model(model, testing::NoiseDataset({1, 3, 16, 16}, 4), options);
  ASSERT_GE(result.coverages.size(), 2u);
  EXPECT_TRUE(result.coverages.front().name.starts_with("widest"));
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

TEST(QuantizeModel, PaddedChannelsComputeTheSame) {
  const testing::NoiseDataset data({1, 3, 16, 16}, 4);
  const Model plain = quantize_model(testing::parse_graph(kNetwork), data, {}).model;
  const Model padded = with_padded_channels(plain, 4);
  ASSERT_GT(padded.proto().graph().node_size(), plain.proto().graph().node_size());
  const auto executor = make_executor("onnxruntime");
  const auto plain_session = executor->load(plain, {});
  const auto padded_session = executor->load(padded, {});
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::vector<Tensor> inputs = data.at(i).inputs;
    const std::vector<Tensor> wanted = plain_session->run(inputs);
    const std::vector<Tensor> found = padded_session->run(inputs);
    ASSERT_EQ(found.size(), wanted.size());
    EXPECT_TRUE(std::ranges::equal(found[0].bytes(), wanted[0].bytes())) << "sample " << i;
  }
}

TEST(QuantizeModel, AModelOver2GbIsCalibratedFromItsFiles) {
  constexpr std::string_view kProducts = R"(
    opset 13
    input x: float32[N,512]
    const w: float32[512,1024] = random(1)
    const v: float32[1024,16] = random(2)
    p = MatMul(x, w) "up"
    r = Relu(p) "relu"
    y = MatMul(r, v) "down"
    output y: float32[N,16]
  )";
  const ScratchDirectory folder;
  const testing::NoiseDataset data({1, 512}, 4);
  QuantizeOptions options;
  options.repairs = {"bias"};
  const QuantizeResult inside = quantize_model(testing::parse_graph(kProducts), data, options);
  const QuantizeResult outside =
      quantize_model(testing::outside_model(kProducts, "w", folder.path()), data, options);
  EXPECT_EQ(outside.plan_json, inside.plan_json);
  EXPECT_EQ(print_graph(outside.model), print_graph(inside.model));
}

TEST(QuantizeModel, OneFileForTwoRuntimesIsMeasuredInBoth) {
  const std::vector<std::string> built_in = executor_names();
  if (std::find(built_in.begin(), built_in.end(), "openvino") == built_in.end()) {
    GTEST_SKIP() << "OpenVINO is not built in";
  }
  QuantizeOptions options;
  options.target = "onnxruntime-x86,openvino";
  if (!load_profile(options.target).runs_here()) GTEST_SKIP() << "no x86-64";
  options.coverage = Coverage::kFastest;
  const QuantizeResult result = quantize_model(testing::parse_graph(kNetwork),
                                               testing::NoiseDataset({1, 3, 16, 16}, 4), options);
  // Where the chosen one falls behind most, no other falls behind less.
  std::map<std::string, double> best = {{"onnxruntime", 1}, {"openvino", 1}};
  const auto ratio = [](const MeasuredCoverage& coverage, const std::string& runtime) {
    return runtime == "openvino" ? coverage.elsewhere.at(runtime).ratio_to_float
                                 : coverage.ratio_to_float;
  };
  for (const MeasuredCoverage& coverage : result.coverages) {
    ASSERT_EQ(coverage.elsewhere.size(), 1u);
    for (auto& [runtime, least] : best) least = std::min(least, ratio(coverage, runtime));
  }
  const auto regret = [&](const MeasuredCoverage& coverage) {
    return std::max(ratio(coverage, "onnxruntime") / best["onnxruntime"],
                    ratio(coverage, "openvino") / best["openvino"]);
  };
  const auto chosen = std::find_if(result.coverages.begin(), result.coverages.end(),
                                   [](const auto& coverage) { return coverage.chosen; });
  ASSERT_NE(chosen, result.coverages.end());
  for (const MeasuredCoverage& coverage : result.coverages) {
    EXPECT_LE(regret(*chosen) * 0.98, regret(coverage) * (1 + 1e-9)) << coverage.name;
  }
}

constexpr std::string_view kResidual = R"(
  opset 17
  input x: float32[N,16,64]
  const w: float32[64,64] = random(1)
  const g: float32[64] = random(2, 0.5, 1.5)
  const v: float32[64,8] = random(3)
  m = MatMul(x, w) "product"
  a = Add(x, m) "residual"
  n = LayerNormalization(a, g) "norm"
  y = MatMul(n, v) "classifier"
  output y: float32[N,16,8]
)";

TEST(QuantizeModel, AdditionsThatTheTargetFusesAreMeasuredApart) {
  QuantizeOptions options;
  if (!load_profile(options.target).runs_here()) GTEST_SKIP() << "no x86-64";
  options.coverage = Coverage::kFastest;
  const QuantizeResult result = quantize_model(testing::parse_graph(kResidual),
                                               testing::NoiseDataset({1, 16, 64}, 4), options);
  const MeasuredCoverage& apart = result.coverages.back();
  EXPECT_TRUE(apart.name.ends_with(", additions apart")) << apart.name;
  EXPECT_GT(apart.ratio_to_float, 0);
  const bool has_sum = print_graph(result.model).find("= Sum(") != std::string::npos;
  EXPECT_EQ(has_sum, apart.chosen);
}

TEST(QuantizeModel, AdditionsApartComputeTheSame) {
  const Model model = testing::parse_graph(kResidual);
  const std::vector<std::string> readers = {"LayerNormalization"};
  const Model apart = with_additions_apart(model, readers);
  const auto executor = make_executor("onnxruntime");
  const auto fused_into_skip = [&](const Model& loaded) {
    const auto nodes = executor->executed_graph(loaded);
    return std::any_of(nodes.begin(), nodes.end(), [](const ExecutedNode& node) {
      return node.op_type == "SkipLayerNormalization";
    });
  };
  EXPECT_TRUE(fused_into_skip(model));
  EXPECT_FALSE(fused_into_skip(apart));
  const Tensor input = testing::NoiseDataset({1, 16, 64}, 1).at(0).inputs[0];
  const auto run = [&](const Model& loaded) {
    return executor->load(loaded, {})->run(std::span(&input, 1))[0];
  };
  const Tensor expected = run(model);
  const Tensor found = run(apart);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(found.at(i), expected.at(i), 1e-5);
  }
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
