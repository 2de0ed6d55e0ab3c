#include "search/sensitivity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "calibration/tensor_statistics.h"
#include "model/print.h"
#include "octavo/executor.h"
#include "placement/profile.h"
#include "plan/apply_recipe.h"
#include "rewrite/rewrite.h"
#include "search/layers.h"
#include "search/local_error.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"
#include "support/planned.h"

namespace octavo {
namespace {

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,3,8,8]
  const w1: float32[8,3,3,3] = random(1)
  const b1: float32[8] = random(2)
  const w2: float32[8,8,1,1] = random(3)
  const w3: float32[512,4] = random(4)
  c1 = Conv(x, w1, b1) {pads=[1,1,1,1]} "stem"
  r1 = Relu(c1) "relu"
  c2 = Conv(r1, w2) "body"
  a = Add(r1, c2) "add"
  f = Flatten(a) "flatten"
  y = MatMul(f, w3) "classify"
  output y: float32[N,4]
)";

class Sensitivity : public ::testing::Test {
 protected:
  Sensitivity()
      : model_(testing::parse_graph(kNetwork)),
        graph_(model_.proto().graph()),
        profile_(load_profile("onnxruntime-x86")),
        placement_(place(graph_, profile_, {})),
        executor_(make_executor("onnxruntime")),
        statistics_(calibrate(model_, placement_.observed_tensors(),
                              testing::NoiseDataset({1, 3, 8, 8}, 8), *executor_, {})),
        plan_(make_plan(graph_, placement_, statistics_, profile_, {})) {}

  SensitivityReport measured(const SensitivityOptions& options, std::size_t samples = 8) const {
    return measure_sensitivity({model_, placement_, plan_, statistics_},
                               testing::NoiseDataset({1, 3, 8, 8}, samples), *executor_, options);
  }

  Model model_;
  Graph graph_;
  Profile profile_;
  Placement placement_;
  std::unique_ptr<Executor> executor_;
  Statistics statistics_;
  Plan plan_;
};

TEST_F(Sensitivity, EveryQuantizerCountsForOneLayerUnlessNoLayerMakesItsTensor) {
  const std::vector<Layer> layers = layers_of(graph_, placement_);
  ASSERT_EQ(layers.size(), 3u);
  EXPECT_EQ(layers[0].node, "stem");
  EXPECT_EQ(layers[0].result, "r1");
  EXPECT_EQ(layers[0].inputs, std::vector<std::string>{"x"});
  EXPECT_EQ(layers[1].result, "c2");
  EXPECT_EQ(layers[1].inputs, std::vector<std::string>{});     // r1 is the stem's
  EXPECT_EQ(layers[2].result, "");                             // stays float
  EXPECT_EQ(layers[2].inputs, std::vector<std::string>{"f"});  // a sum, moved
}

TEST_F(Sensitivity, APlanOfOneLayerHoldsItsQuantizersOnly) {
  const Plan alone = plan_of_layer(plan_, layers_of(graph_, placement_)[1]);
  ASSERT_EQ(alone.activations.size(), 1u);
  EXPECT_EQ(alone.activations[0].tensor, "c2");
  ASSERT_EQ(alone.constants.size(), 1u);
  EXPECT_EQ(alone.constants[0].node, "body");
  EXPECT_TRUE(alone.biases.empty());
  EXPECT_EQ(alone.nodes.size(), plan_.nodes.size());
}

TEST(Layers, AnActivationThatASumAbsorbsStaysForItsFloatReaders) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[1,4,8,8]
    const w1: float32[4,4,1,1] = random(1)
    const w2: float32[4,4,1,1] = random(2)
    const w3: float32[4,4,1,1] = random(3)
    const w4: float32[4,4,1,1] = random(4)
    c1 = Conv(x, w1) "conv1"
    c2 = Conv(x, w2) "conv2"
    a = Add(c1, c2) "add"
    r = Relu(a) "relu"
    c3 = Conv(r, w3) "conv3"
    c4 = Conv(r, w4) "conv4"
    y = Add(c3, c4) "sum"
    output y: float32[1,4,8,8]
  )");
  const Graph graph(model.proto().graph());
  const Placement placement = place(graph, load_profile("onnxruntime-x86"), {});
  ASSERT_EQ(placement.node("relu").decision, Decision::kAbsorbed);
  const testing::Planned planned = testing::make_planned(model, {0, 1, 2, 3});
  const std::vector<Layer> layers = layers_of(graph, placement);
  ASSERT_EQ(layers.size(), 4u);
  EXPECT_EQ(layers[2].node, "conv3");
  EXPECT_EQ(layers[2].inputs, std::vector<std::string>{"r"});
  const std::string text = print_graph(rewrite(model, plan_of_layer(planned.plan, layers[2])));
  EXPECT_NE(text.find("r = Relu(a)"), std::string::npos) << text;
  EXPECT_NE(text.find("c4 = Conv(r, w4)"), std::string::npos) << text;
}

TEST_F(Sensitivity, SortsTheWorstFirstTheSameAtAnyNumberOfThreads) {
  SensitivityOptions options;
  options.metric = &find_metric("agreement");
  std::size_t last = 0;
  options.progress = [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(done, ++last);
    EXPECT_EQ(total, 3u);
  };
  const SensitivityReport one = measured(options);
  EXPECT_EQ(one.samples, 8u);
  ASSERT_EQ(one.layers.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GT(one.layers[i].output_sqnr_db, 20);
    EXPECT_TRUE(i == 0 || one.layers[i - 1].output_sqnr_db <= one.layers[i].output_sqnr_db);
    EXPECT_GE(*one.layers[i].metric, 0.75);
  }
  EXPECT_EQ(one.float_metric, std::nullopt);  // agreement with itself says nothing
  last = 0;
  options.threads = 3;
  EXPECT_EQ(to_json(measured(options)), to_json(one));
  const auto json = nlohmann::json::parse(to_json(one));
  EXPECT_EQ(json["metric"], "agreement");
  EXPECT_EQ(json["layers"].size(), 3u);
}

TEST_F(Sensitivity, TakesEvenlySpreadSamples) {
  SensitivityOptions options;
  options.samples = 3;
  EXPECT_EQ(measured(options).samples, 3u);
  options.samples = 100;
  EXPECT_EQ(measured(options).samples, 8u);
  EXPECT_OCTAVO_ERROR(measured(options, 0), ErrorCode::kInvalidData, "no samples");
}

TEST(LocalError, OfWeightsByHand) {
  // Channels {1, -1} and {0.25, 0.1} at a scale of 0.5: 0.25 -> 0 (half to even), 0.1 -> 0.
  const Tensor weight = Tensor::of<float>({2, 2}, {1.0F, -1.0F, 0.25F, 0.1F});
  const QuantParams params{
      {DType::kInt8, Symmetry::kSymmetric, true, 0}, {0.5F}, {0}, std::nullopt};
  const QuantizerError error = weight_error(weight, params, 0);
  EXPECT_EQ(error.seen, (Range{-1, 1}));
  EXPECT_EQ(error.covered, (Range{-63.5, 63.5}));
  EXPECT_NEAR(error.sqnr_db, 10 * std::log10((1 + 1 + 0.0625 + 0.01) / (0.0625 + 0.01)), 1e-5);
  EXPECT_EQ(error.clipped_share, 0);
  EXPECT_NEAR(error.unevenness, 1 / 0.625, 1e-9);  // of {1, 0.25} the median is 0.625
}

TEST(LocalError, DeadChannelsSayNothingAboutTheOthers) {
  EXPECT_DOUBLE_EQ(widest_over_median({0, 2, 0, 8, 0, 4}), 2);
  EXPECT_DOUBLE_EQ(widest_over_median({1e-26, 2, 1e-30, 8, 1e-9, 4}), 2);
  EXPECT_DOUBLE_EQ(widest_over_median({1, 1e-3, 1e-3}), 1000);  // alive, however small
  EXPECT_EQ(widest_over_median({0, 0}), 1);
  EXPECT_EQ(widest_over_median({}), 1);
}

TEST(LocalError, ClippedSharesAndExactness) {
  const QuantParams params{
      {DType::kUint8, Symmetry::kAsymmetric, false, 0}, {1}, {0}, std::nullopt};
  Sketch sketch;
  sketch.observe(std::vector<float>{0, 1, 2, 1000});
  const QuantizerError error = activation_error(sketch, params);
  EXPECT_EQ(error.clipped_share, 0.25);
  EXPECT_EQ(error.covered, (Range{0, 255}));
  const Tensor exact = Tensor::of<float>({3}, {0.0F, 7.0F, 255.0F});
  EXPECT_TRUE(std::isinf(weight_error(exact, params, std::nullopt).sqnr_db));
  const Tensor far = Tensor::of<float>({2}, {300.0F, 1.0F});
  EXPECT_EQ(weight_error(far, params, std::nullopt).clipped_share, 0.5);
}

}  // namespace
}  // namespace octavo
