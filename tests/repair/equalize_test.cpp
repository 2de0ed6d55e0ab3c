#include "repair/equalize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "model/graph.h"
#include "model/print.h"
#include "model/tensor_proto.h"
#include "repair/balance_channels.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

std::vector<FloatProposal> proposals_for(const Model& model, const Shape& shape) {
  const auto executor = make_executor("onnxruntime");
  const testing::NoiseDataset data(shape, 6);
  return propose_equalize({model, data, *executor, 2});
}

Tensor run(const Model& model, const Tensor& input) {
  return make_executor("onnxruntime")->load(model, {})->run(std::array{input}).front();
}

double largest_difference(const Model& a, const Model& b, const Shape& shape) {
  const Sample sample = testing::NoiseDataset(shape, 1).at(0);
  const Tensor left = run(a, sample.inputs[0]);
  const Tensor right = run(b, sample.inputs[0]);
  double largest = 0;
  double scale = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    largest = std::max(largest, std::abs(left.at(i) - right.at(i)));
    scale = std::max(scale, std::abs(left.at(i)));
  }
  return largest / scale;
}

// The largest weight of each output channel of a Conv.
std::vector<double> row_ranges(const Model& model, std::string_view node) {
  const Graph graph(model.proto().graph());
  const Tensor weights = tensor_from_proto(*graph.initializer(graph.node(node)->input(1)));
  const auto rows = static_cast<std::size_t>(weights.shape()[0]);
  std::vector<double> ranges(rows, 0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    double& range = ranges[i / (weights.size() / rows)];
    range = std::max(range, std::abs(weights.at(i)));
  }
  return ranges;
}

TEST(Equalize, GivesBothSidesTheGeometricMean) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,1,1,1]
    const w: float32[2,1,1,1] = 1 8
    const v: float32[1,2,1,1] = 4 2
    a = Conv(x, w) "first"
    y = Conv(a, v) "last"
    output y: float32
  )");
  const Graph graph(model.proto().graph());
  const ChannelClasses channels = channel_classes(graph, UpperBounds::kObstacle);
  const auto scales = balanced_log_scales(channels, std::vector<LogLimits>(2));
  ASSERT_EQ(scales.size(), 2U);
  EXPECT_NEAR(std::exp(scales[0]), 2, 1e-6) << "1 and 4 become 2 and 2";
  EXPECT_NEAR(std::exp(scales[1]), 0.5, 1e-6) << "8 and 2 become 4 and 4";
}

TEST(Equalize, KeepsToTheLimits) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,1,1,1]
    const w: float32[2,1,1,1] = 1 0
    const v: float32[1,2,1,1] = 100 5
    a = Conv(x, w) "first"
    y = Conv(a, v) "last"
    output y: float32
  )");
  const Graph graph(model.proto().graph());
  const ChannelClasses channels = channel_classes(graph, UpperBounds::kObstacle);
  const double limit = std::log(3);
  const auto scales = balanced_log_scales(channels, {{-limit, limit}, {}});
  EXPECT_DOUBLE_EQ(scales[0], limit);
  EXPECT_EQ(scales[1], 0) << "a channel without weights stays";
}

constexpr std::string_view kResidual = R"(
  opset 13
  input x: float32[N,3,6,6]
  const w1: float32[8,3,3,3] = random(1)
  const b1: float32[8] = random(2)
  const wd: float32[8,1,3,3] = random(3)
  const bd: float32[8] = random(4)
  const w2: float32[8,8,1,1] = random(5)
  const w3: float32[8,5] = random(6)
  const b3: float32[5] = random(7)
  c1 = Conv(x, w1, b1) {pads=[1,1,1,1]} "stem"
  r1 = Relu(c1) "relu"
  c2 = Conv(r1, wd, bd) {pads=[1,1,1,1], group=8} "depth"
  r2 = Relu(c2) "relu2"
  c3 = Conv(r2, w2) "project"
  a = Add(r1, c3) "add"
  p = GlobalAveragePool(a) "pool"
  f = Flatten(p) "flatten"
  y = Gemm(f, w3, b3) "classify"
  output y: float32[N,5]
)";

// One channel of the stem 1000 times too small, what reads it as much too large.
Model with_uneven_channel() {
  Model model = testing::parse_graph(kResidual);
  for (onnx::TensorProto& tensor : *model.mutable_proto().mutable_graph()->mutable_initializer()) {
    if (tensor.name() != "w1" && tensor.name() != "wd") continue;
    Tensor values = tensor_from_proto(tensor);
    const std::size_t row = values.size() / 8;
    const float factor = tensor.name() == "w1" ? 0.001F : 1000.0F;
    for (float& value : values.mutable_as<float>().first(row)) value *= factor;
    tensor = tensor_to_proto(values, tensor.name());
  }
  return model;
}

TEST(Equalize, LeavesWhatTheNetworkComputes) {
  const Model model = with_uneven_channel();
  const auto proposals = proposals_for(model, {1, 3, 6, 6});
  ASSERT_EQ(proposals.size(), 2U) << "no Clip: nothing but exact proposals";
  for (const FloatProposal& proposal : proposals) {
    EXPECT_EQ(proposal.exactness, Exactness::kExact);
    EXPECT_FALSE(proposal.changes.empty());
    EXPECT_LT(largest_difference(model, proposal.model, {1, 3, 6, 6}), 1e-4);
  }
}

TEST(Equalize, EvensOutADepthwiseLayer) {
  const Model model = with_uneven_channel();
  const Model equalized = std::move(proposals_for(model, {1, 3, 6, 6})[0].model);
  const auto unevenness = [](const std::vector<double>& ranges) {
    const auto [low, high] = std::minmax_element(ranges.begin(), ranges.end());
    return *high / *low;
  };
  EXPECT_GT(unevenness(row_ranges(model, "depth")), 500);
  EXPECT_LT(unevenness(row_ranges(equalized, "depth")), 50);
}

TEST(Equalize, RenamesWhatItScales) {
  const Model equalized = std::move(proposals_for(with_uneven_channel(), {1, 3, 6, 6})[0].model);
  const Graph graph(equalized.proto().graph());
  EXPECT_EQ(graph.producer("r1"), nullptr);
  EXPECT_NE(graph.producer("r1_equalized"), nullptr);
  EXPECT_NE(graph.producer("y"), nullptr) << "outputs keep their names";
}

constexpr std::string_view kBounded = R"(
  opset 13
  input x: float32[N,2,4,4]
  const w1: float32[2,2,1,1] = 0.01 0.02 20 30
  const w2: float32[3,2,1,1] = 5 0.1 7 0.2 9 0.3
  const zero: float32[] = 0
  const six: float32[] = 6
  c = Conv(x, w1) "first"
  r = Clip(c, zero, six) "relu6"
  y = Conv(r, w2) "last"
  output y: float32[N,3,4,4]
)";

TEST(Equalize, LeavesAChannelAloneThatNeedsItsBound) {
  const Model model = testing::parse_graph(kBounded);
  const auto proposals = proposals_for(model, {1, 2, 4, 4});
  ASSERT_EQ(proposals.size(), 3U);
  EXPECT_TRUE(proposals[0].changes.empty()) << "this exact one cannot pass the Clip";
  EXPECT_EQ(proposals[2].exactness, Exactness::kMeasured);
  const auto ranges = row_ranges(proposals[2].model, "first");
  EXPECT_GT(ranges[0], 0.1) << "0.02 grew: its channel stays far below 6";
  EXPECT_FLOAT_EQ(static_cast<float>(ranges[1]), 30) << "this one reaches 6";
  EXPECT_LT(largest_difference(model, proposals[2].model, {1, 2, 4, 4}), 1e-5);
}

TEST(Equalize, GivesAClipABoundForEachChannel) {
  const Model model = testing::parse_graph(kBounded);
  const FloatProposal quiet = std::move(proposals_for(model, {1, 2, 4, 4}).at(1));
  EXPECT_EQ(quiet.exactness, Exactness::kExact);
  const auto ranges = row_ranges(quiet.model, "first");
  EXPECT_LT(ranges[1] / ranges[0], 500) << "0.02 beside 30: 1500 before";
  EXPECT_LT(largest_difference(model, quiet.model, {1, 2, 4, 4}), 1e-4);
}

TEST(Equalize, ProposesNothingWhereNothingCanBeScaled) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,2]
    const w: float32[2,2] = 1 2 3 4
    y = MatMul(x, w) "only"
    output y: float32[N,2]
  )");
  const auto proposals = proposals_for(model, {1, 2});
  for (const FloatProposal& proposal : proposals) {
    EXPECT_TRUE(proposal.changes.empty());
    EXPECT_EQ(print_graph(proposal.model), print_graph(model));
  }
}

}  // namespace
}  // namespace octavo
