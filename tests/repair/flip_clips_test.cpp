#include "repair/flip_clips.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "model/print.h"
#include "octavo/executor.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

constexpr std::string_view kBounded = R"(
  opset 13
  input x: float32[N,1,1,1]
  const w: float32[2,1,1,1] = 10 20
  const b: float32[2] = 1 -1
  const v: float32[1,2,1,1] = 1 1
  const zero: float32[] = 0
  const six: float32[] = 6
  c = Conv(x, w, b) "first"
  r = Clip(c, zero, six) "relu6"
  y = Conv(r, v) "last"
  output y: float32[N,1,1,1]
)";

// Flips the only Clip of `model`, the channels of the first layer scaled by `scales`.
Model flipped(Model model, const std::vector<double>& scales) {
  const Graph graph(model.proto().graph());
  const ChannelClasses channels = channel_classes(graph, UpperBounds::kPassed);
  const auto flips = clip_flips(graph, channels);
  NamePool names(graph.proto());
  GraphEdits edits;
  ChannelAffine writer{scales, {}, {}};
  flip_clip(flips.at(0).value(), writer, names, edits);
  const LinearNode& layer = channels.layers.at(flips[0]->layer);
  replace_layer(layer, fold_affine(graph, layer, writer, names).value(), edits);
  std::move(edits).apply(model);
  return model;
}

TEST(FlipClips, GivesEachChannelItsBound) {
  EXPECT_EQ(print_graph(flipped(testing::parse_graph(kBounded), {0.5, 2})), R"(opset 13
input x: float32[N,1,1,1]
const w: float32[2,1,1,1] = -5 -40
const b: float32[2] = 2.5 14
const v: float32[1,2,1,1] = 1 1
const zero: float32[] = 0
const six: float32[] = 6
const r_bound: float32[] = 12
const r_bounds: float32[2] = 3 12
const r_minus_one: float32[2,1,1,1] = -1 -1
c = Conv(x, w, b) "first"
r_below_bound = Clip(c, zero, r_bound) "relu6"
r_bounded = Conv(r_below_bound, r_minus_one, r_bounds) {group=2} "relu6_flip"
r = Relu(r_bounded) "relu6_relu"
y = Conv(r, v) "last"
output y: float32[N,1,1,1]
)");
}

TEST(FlipClips, ComputesWhatTheClipDid) {
  const Model model = testing::parse_graph(kBounded);
  const Model same = flipped(model, {1, 1});
  const auto executor = make_executor("onnxruntime");
  const auto before = executor->load(model, {});
  const auto after = executor->load(same, {});
  const testing::NoiseDataset data({1, 1, 1, 1}, 50);
  double largest = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::vector<Tensor> inputs = data.at(i).inputs;
    const double left = before->run(inputs).front().at(0);
    EXPECT_NEAR(after->run(inputs).front().at(0), left, 1e-5) << "sample " << i;
    largest = std::max(largest, left);
  }
  EXPECT_EQ(largest, 12) << "both channels reach their bound";
}

TEST(FlipClips, NeedsAConvThatNothingElseReads) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,1,1,1]
    const w: float32[2,1,1,1] = 10 20
    const v: float32[1,2,1,1] = 1 1
    const zero: float32[] = 0
    const six: float32[] = 6
    a = Conv(x, w) "first"
    p = MaxPool(a) {kernel_shape=[1,1]} "pool"
    r = Clip(p, zero, six) "relu6"
    y = Conv(r, v) "last"
    output y: float32
  )");
  const Graph graph(model.proto().graph());
  const auto flips = clip_flips(graph, channel_classes(graph, UpperBounds::kPassed));
  ASSERT_EQ(flips.size(), 1U);
  EXPECT_FALSE(flips[0].has_value());
}

}  // namespace
}  // namespace octavo
