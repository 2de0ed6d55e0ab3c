#include "octavo/comparison.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "model/tensor_proto.h"
#include "rewrite/rewrite.h"
#include "search/comparison/compare.h"
#include "search/comparison/error_sums.h"
#include "search/comparison/linear_params.h"
#include "search/comparison/segments.h"
#include "search/comparison/tensor_pairs.h"
#include "search/comparison/unasked_layers.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"
#include "support/planned.h"

namespace octavo {
namespace {

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,3,6,6]
  const w1: float32[4,3,3,3] = random(1)
  const b1: float32[4] = random(2)
  const w2: float32[4,4,1,1] = random(3)
  const w3: float32[144,5] = random(4)
  c1 = Conv(x, w1, b1) {pads=[1,1,1,1]} "first"
  r1 = Relu(c1) "relu"
  c2 = Conv(r1, w2) "second"
  f = Flatten(c2) "flatten"
  y = MatMul(f, w3) "classify"
  output y: float32[N,5]
)";

Model quantized_network() {
  const Model model = testing::parse_graph(kNetwork);
  return rewrite(model, testing::make_planned(model, {-3, -1, 0, 1, 3}).plan);
}

ComparisonReport compared(const Model& exact, const Model& quantized, std::size_t samples = 4) {
  return measure_comparison(exact, quantized, testing::NoiseDataset({1, 3, 6, 6}, samples),
                            *make_executor("onnxruntime"), {});
}

void scale_weight(Model& model, std::string_view name, float factor) {
  for (onnx::TensorProto& proto : *model.mutable_proto().mutable_graph()->mutable_initializer()) {
    if (proto.name() != name) continue;
    Tensor tensor = tensor_from_proto(proto);
    for (float& value : tensor.mutable_as<float>()) value *= factor;
    proto = tensor_to_proto(tensor, proto.name());
  }
}

// As another tool would write it: the second of three layers excluded.
std::string with_float_layer(std::string_view scale, std::string_view behind) {
  return fmt::format(R"(
    opset 13
    input x: float32[N,2,4,4]
    const s: float32[] = 0.1
    const ss: float32[2] = 0.1 0.1
    const z: uint8[] = 0
    const zz: uint8[2] = 0 0
    const w: float32[2,2,1,1] = random(1)
    q = QuantizeLinear(x, s, z) "q"
    d = {} "d"
    c = Conv(d, w) "kept"
    {}
    output y: float32[N,2,4,4]
  )",
                     scale, behind);
}

std::vector<std::string> unasked_in(const std::string& text) {
  const Model model = testing::parse_graph(text);
  return unasked_layers(Graph(model.proto().graph()), load_profile("onnxruntime-x86"));
}

TEST(UnaskedLayers, AreThoseBetweenCodesOfOneScale) {
  constexpr std::string_view kOneScale = "DequantizeLinear(q, s, z)";
  constexpr std::string_view kCodes = R"(e = QuantizeLinear(c, s, z) "e"
    y = DequantizeLinear(e, s, z) "f")";
  const std::vector<std::string> kept = {"kept"};
  EXPECT_EQ(unasked_in(with_float_layer(kOneScale, kCodes)), kept);
  EXPECT_EQ(unasked_in(with_float_layer(kOneScale, R"(r = Relu(c) "r"
    e = QuantizeLinear(r, s, z) "e"
    y = DequantizeLinear(e, s, z) "f")")),
            kept);
  EXPECT_TRUE(unasked_in(with_float_layer("DequantizeLinear(q, ss, zz) {axis=1}", kCodes)).empty());
  EXPECT_TRUE(unasked_in(with_float_layer(kOneScale, R"(y = Relu(c) "r")")).empty());
  EXPECT_TRUE(unasked_in(with_float_layer(kOneScale, R"(r = Relu(c) "r"
    e = QuantizeLinear(c, s, z) "e"
    f = DequantizeLinear(e, s, z) "f"
    y = Add(r, f) "g")"))
                  .empty())
      << "two read it";
}

TEST(UnaskedLayers, AreNotInAnOctavoFile) {
  const Model quantized = quantized_network();
  EXPECT_TRUE(
      unasked_layers(Graph(quantized.proto().graph()), load_profile("onnxruntime-x86")).empty());
}

TEST(ErrorSums, ByHand) {
  ErrorSums sums;
  // Two channels: {100, 0} off by nothing; {1, 0} lost.
  sums.add(std::vector<float>{100, 0, 1, 0}, std::vector<float>{100, 0, 0, 0}, {2, 2});
  const TensorError error = sums.error();
  EXPECT_NEAR(error.sqnr_db, 10 * std::log10(10001.0), 1e-9);
  EXPECT_NEAR(error.channel_sqnr_db, 10 * std::log10(2.0), 1e-9);
  EXPECT_NEAR(error.relative_error, std::sqrt(1 / 10001.0), 1e-12);
  EXPECT_NEAR(error.cosine, 100 / std::sqrt(10001.0), 1e-12);
}

TEST(ErrorSums, AChannelScaledBothSidesLeavesTheChannelMeasureAsItIs) {
  ErrorSums before;
  before.add(std::vector<float>{1, 2, 3, 4}, std::vector<float>{1.1F, 2, 3, 4.2F}, {2, 2});
  ErrorSums after;
  after.add(std::vector<float>{1000, 2000, 3, 4}, std::vector<float>{1100, 2000, 3, 4.2F}, {2, 2});
  EXPECT_NEAR(before.error().channel_sqnr_db, after.error().channel_sqnr_db, 1e-3);
}

TEST(ErrorSums, NoDifferenceNothingAtAllAndNotANumber) {
  ErrorSums same;
  same.add(std::vector<float>{1, -1}, std::vector<float>{1, -1}, {1, 2});
  EXPECT_TRUE(std::isinf(same.error().sqnr_db));
  EXPECT_EQ(same.error().relative_error, 0);
  ErrorSums zero;
  zero.add(std::vector<float>{0}, std::vector<float>{0}, {1, 1});
  EXPECT_EQ(zero.error().cosine, 1);
  ErrorSums broken;
  broken.add(std::vector<float>{1}, std::vector<float>{NAN}, {1, 1});
  EXPECT_TRUE(std::isnan(broken.error().sqnr_db));
  EXPECT_TRUE(std::isnan(broken.error().channel_sqnr_db));
}

TEST(TensorPairs, DequantizedCodesStandForTheTensorAndHalfLayersForNone) {
  const Model exact = testing::parse_graph(kNetwork);
  const Model quantized = quantized_network();
  const Graph exact_graph(exact.proto().graph());
  const Graph quantized_graph(quantized.proto().graph());
  const TensorPairs found = pair_tensors(exact_graph, quantized_graph);
  std::vector<std::string> names;
  for (const TensorPair& pair : found.pairs) names.push_back(pair.stand_ins.front());
  // c1 is r1's; f carries the codes of c2; y stays float.
  EXPECT_EQ(names,
            (std::vector<std::string>{"x_dequantized", "r1_dequantized", "c2_dequantized", "y"}));
  EXPECT_EQ(found.pairs.back().dequantize, nullptr);
}

TEST(Segments, ReachBackToTheTensorsOfOtherPairs) {
  const Model exact = testing::parse_graph(kNetwork);
  const Model quantized = quantized_network();
  const Graph graph(quantized.proto().graph());
  const TensorPairs found = pair_tensors(Graph(exact.proto().graph()), graph);
  const PairNames names(found.pairs);
  const Segment segment = segment_of(graph, found.pairs, names, 2);
  EXPECT_EQ(segment.inputs, std::vector<std::size_t>{1});
  const auto holds = [&](std::string_view node) {
    return std::any_of(segment.nodes.begin(), segment.nodes.end(),
                       [&](const onnx::NodeProto* entry) { return entry->name() == node; });
  };
  EXPECT_TRUE(holds("second"));
  EXPECT_FALSE(holds("first"));
}

TEST(LinearParams, AreReadFromTheFile) {
  const Model quantized = quantized_network();
  const Graph graph(quantized.proto().graph());
  const auto params = linear_params(graph, *graph.producer("x_dequantized"));
  ASSERT_TRUE(params);
  EXPECT_EQ(params->scheme.dtype, DType::kUint8);
  EXPECT_EQ(params->granularity(), Granularity::kPerTensor);
  const auto weight = stored_constant(graph, "w1_dequantized");
  ASSERT_TRUE(weight);
  EXPECT_EQ(weight->params.axis, 0);
  EXPECT_EQ(weight->codes.dtype(), DType::kInt8);
  EXPECT_EQ(weight->values.shape(), (Shape{4, 3, 3, 3}));
  EXPECT_FALSE(stored_constant(graph, "x_dequantized"));  // computed
}

TEST(Comparison, EqualModelsDifferNowhere) {
  const Model model = testing::parse_graph(kNetwork);
  const ComparisonReport report = compared(model, model);
  for (const LayerComparison& layer : report.layers) {
    EXPECT_TRUE(std::isinf(layer.own.sqnr_db)) << layer.node;
    EXPECT_TRUE(std::isinf(layer.so_far.sqnr_db)) << layer.node;
    EXPECT_TRUE(layer.causes.empty());
  }
  EXPECT_TRUE(report.risks.empty());
}

TEST(Comparison, AnErrorIsTheLayersThatMakesItAndTravelsOn) {
  const Model exact = testing::parse_graph(kNetwork);
  Model wrong = testing::parse_graph(kNetwork);
  scale_weight(wrong, "w2", 1.1F);
  const ComparisonReport report = compared(exact, wrong);
  ASSERT_EQ(report.layers.size(), 6U);
  for (const LayerComparison& layer : report.layers) {
    const bool makes = layer.node == "second";
    EXPECT_EQ(std::isinf(layer.own.sqnr_db), !makes) << layer.node;
    const bool behind = makes || layer.node == "flatten" || layer.node == "classify";
    EXPECT_EQ(std::isinf(layer.so_far.sqnr_db), !behind) << layer.node;
    if (behind) {
      EXPECT_NEAR(layer.so_far.sqnr_db, 20, 0.01);  // a tenth
    }
  }
  EXPECT_EQ(report.layers[worst_first(report).front()].node, "second");
}

TEST(Comparison, ReportsQuantizersWeightsAndRanges) {
  const Model exact = testing::parse_graph(kNetwork);
  const ComparisonReport report = compared(exact, quantized_network());
  ASSERT_EQ(report.layers.size(), 4U);
  const LayerComparison& first = report.layers[1];
  EXPECT_EQ(first.node, "first");
  EXPECT_EQ(first.tensor, "r1");
  EXPECT_EQ(first.inputs, std::vector<std::string>{"x"});
  ASSERT_TRUE(first.quantizer);
  EXPECT_GE(first.quantizer->seen.min, 0);  // behind the Relu
  EXPECT_GT(first.quantizer->clipped_share, 0);
  ASSERT_TRUE(first.weight);
  EXPECT_EQ(first.weight->granularity, Granularity::kPerChannel);
  EXPECT_EQ(first.weight->highest_code, 127);
  EXPECT_GT(first.weight->sqnr_db.value_or(0), 35);
  EXPECT_FALSE(report.layers[3].quantizer);  // y stays float
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json["layers"].size(), 4U);
  EXPECT_EQ(json["layers"][1]["node"], "first");
}

TEST(Comparison, RefusesWhatCannotBeCompared) {
  const Model model = testing::parse_graph(kNetwork);
  const Model other_input = testing::parse_graph(R"(
    opset 13
    input z: float32[N,3,6,6]
    y = Relu(z) "relu"
    output y: float32[N,3,6,6]
  )");
  EXPECT_OCTAVO_ERROR(compared(model, other_input), ErrorCode::kInvalidArgument,
                      "the models' inputs differ", "'x' (float32)", "'z' (float32)");
  const Model other_names = testing::parse_graph(R"(
    opset 13
    input x: float32[N,3,6,6]
    out = Relu(x) "relu"
    output out: float32[N,3,6,6]
  )");
  EXPECT_OCTAVO_ERROR(compared(model, other_names), ErrorCode::kInvalidArgument,
                      "no float32 tensor with a name of the float model's",
                      "made of another file, or its layers run in half precision");
  EXPECT_OCTAVO_ERROR(compared(model, model, 0), ErrorCode::kInvalidData, "no samples");
}

}  // namespace
}  // namespace octavo
