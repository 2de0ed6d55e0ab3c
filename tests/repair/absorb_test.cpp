#include "repair/absorb.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "model/graph.h"
#include "model/print.h"
#include "octavo/executor.h"
#include "repair/channel_ranges.h"
#include "repair/channel_shifts.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

const Shape kShape = {1, 2, 4, 4};

std::vector<FloatProposal> proposals_for(const Model& model, const Shape& shape = kShape) {
  const auto executor = make_executor("onnxruntime");
  const testing::NoiseDataset data(shape, 20);
  return propose_absorb({model, data, *executor, 2});
}

// Of the outputs, over samples that no repair has seen.
double largest_difference(const Model& a, const Model& b, const Shape& shape = kShape) {
  const auto executor = make_executor("onnxruntime");
  const auto left = executor->load(a, {});
  const auto right = executor->load(b, {});
  const testing::NoiseDataset data(shape, 60);
  double largest = 0;
  double scale = 0;
  for (std::size_t s = 20; s < data.size(); ++s) {
    const std::vector<Tensor> inputs = data.at(s).inputs;
    const Tensor before = left->run(inputs).front();
    const Tensor after = right->run(inputs).front();
    for (std::size_t i = 0; i < before.size(); ++i) {
      largest = std::max(largest, std::abs(before.at(i) - after.at(i)));
      scale = std::max(scale, std::abs(before.at(i)));
    }
  }
  return largest / scale;
}

std::vector<Range> ranges_of(const Model& model, const std::string& tensor) {
  const auto executor = make_executor("onnxruntime");
  const testing::NoiseDataset data(kShape, 20);
  const StagedRun run(data, *executor, 2);
  const std::array tensors = {ChannelTensor{tensor, 1}};
  return channel_ranges(run, model, tensors).front();
}

std::string body(std::string_view nodes) {
  return std::string(R"(
    opset 13
    input x: float32[N,2,4,4]
    const w1: float32[2,2,1,1] = 1 0.5 -0.5 1
    const b1: float32[2] = 20 -30
    const w2: float32[2,2,1,1] = 1 2 3 4
    const b2: float32[2] = 5 7
    const wk: float32[2,2,3,3] = random(3)
    const zero: float32[] = 0
    const top: float32[] = 26
  )") + std::string(nodes);
}

TEST(Absorb, IsExactBetweenTwoLayers) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,1,1,1]
    const w: float32[2,1,1,1] = 0 0
    const b: float32[2] = 2 -4
    const v: float32[1,2,1,1] = 3 5
    a = Conv(x, w, b) "first"
    y = Conv(a, v) "last"
    output y: float32
  )");
  const auto proposals = proposals_for(model, {1, 1, 1, 1});
  ASSERT_EQ(proposals.size(), 1U) << "no activation: nothing to try twice";
  EXPECT_EQ(proposals[0].exactness, Exactness::kExact);
  EXPECT_EQ(print_graph(proposals[0].model), R"(opset 13
input x: float32[N,1,1,1]
const w: float32[2,1,1,1] = 0 0
const b: float32[2] = 0 0
const v: float32[1,2,1,1] = 3 5
const last_bias: float32[1] = -14
a_absorbed = Conv(x, w, b) "first"
y = Conv(a_absorbed, v, last_bias) "last"
output y: float32
)") << "3 * 2 - 5 * 4";
  ASSERT_EQ(proposals[0].changes.size(), 1U);
  EXPECT_EQ(proposals[0].changes[0], (RepairNote{"first", "channels moved by up to 4"}));
}

// The widest is centred; another lies around its mean as far as that makes it stick out no farther.
TEST(Absorb, LeavesATensorNoWiderThanItsWidestChannel) {
  const Model model = testing::parse_graph(
      body("a = Conv(x, w1, b1) \"first\"\ny = Conv(a, w2, b2) \"last\"\noutput y: float32"));
  const auto proposals = proposals_for(model);
  ASSERT_EQ(proposals.size(), 1U);
  double widest = 0;
  for (const Range& range : ranges_of(model, "a")) {
    widest = std::max(widest, (range.max - range.min) / 2);
  }
  for (const Range& range : ranges_of(proposals[0].model, "a_absorbed")) {
    EXPECT_LT(largest_magnitude(range), widest + 1e-3);
  }
  EXPECT_LT(largest_difference(model, proposals[0].model), 1e-5);
}

TEST(Absorb, FollowsResidualAdditions) {
  const Model model = testing::parse_graph(body(R"(
    a = Conv(x, w1, b1) "first"
    b = Conv(a, w2, b2) "branch"
    s = Add(a, b) "sum"
    y = Conv(s, w2) "last"
    output y: float32)"));
  const auto proposals = proposals_for(model);
  ASSERT_EQ(proposals.size(), 1U);
  EXPECT_EQ(proposals[0].changes.size(), 2U) << "first and branch";
  EXPECT_LT(largest_difference(model, proposals[0].model), 1e-5);
  const auto widest = [](const std::vector<Range>& ranges) {
    return std::max(largest_magnitude(ranges[0]), largest_magnitude(ranges[1]));
  };
  EXPECT_LT(widest(ranges_of(proposals[0].model, "s_absorbed")), widest(ranges_of(model, "s")) / 2);
}

// The same layer under what stands between it and the next.
struct Refused {
  std::string_view nodes;
  std::string_view reason;
};

TEST(Absorb, LeavesAloneWhatIsReadOtherwise) {
  for (const auto& [nodes, reason] : {
           Refused{"y = Conv(a, wk) {pads=[1,1,1,1]} \"padded\"", "pads its input with zeros"},
           Refused{"y = Conv(a, wk) {auto_pad=\"SAME_UPPER\"} \"padded\"", "pads its input"},
           Refused{"y = ConvTranspose(a, wk) \"up\"", "less often at the border"},
           Refused{"g = Sigmoid(a)\ny = Conv(g, w2) \"last\"", "cannot take moved channels"},
           Refused{"g = Sigmoid(x)\nm = Mul(a, g)\ny = Conv(m, w2) \"last\"", "cannot take"},
           Refused{"p = AveragePool(a) {kernel_shape=[3,3], pads=[1,1,1,1], count_include_pad=1}\n"
                   "y = Conv(p, w2) \"last\"",
                   "cannot take"},
           Refused{"y = Identity(a)", "an output of the model"},
       }) {
    const Model model = testing::parse_graph(
        body("a = Conv(x, w1, b1) \"first\"\n" + std::string(nodes) + "\noutput y: float32"));
    const auto proposals = proposals_for(model);
    ASSERT_EQ(proposals.size(), 1U) << nodes;
    EXPECT_TRUE(proposals[0].changes.empty()) << nodes;
    EXPECT_EQ(print_graph(proposals[0].model), print_graph(model)) << nodes;
    ASSERT_FALSE(proposals[0].refusals.empty()) << nodes;
    EXPECT_EQ(proposals[0].refusals[0].node, "first");
    EXPECT_NE(proposals[0].refusals[0].text.find(reason), std::string::npos)
        << proposals[0].refusals[0].text;
  }
}

TEST(Absorb, PassesPoolsThatAddNothing) {
  for (const std::string_view pool :
       {"p = MaxPool(a) {kernel_shape=[3,3], pads=[1,1,1,1]}",
        "p = AveragePool(a) {kernel_shape=[3,3], pads=[1,1,1,1]}", "p = GlobalAveragePool(a)"}) {
    const Model model =
        testing::parse_graph(body("a = Conv(x, w1, b1) \"first\"\n" + std::string(pool) +
                                  "\ny = Conv(p, w2) \"last\"\noutput y: float32"));
    const auto proposals = proposals_for(model);
    ASSERT_EQ(proposals.size(), 1U);
    EXPECT_EQ(proposals[0].changes.size(), 1U) << pool;
    EXPECT_LT(largest_difference(model, proposals[0].model), 1e-5) << pool;
  }
}

// Channel 0 lies around 20 and never below 0; channel 1 around -30, where a Relu is closed.
TEST(Absorb, PassesAReluWithAMargin) {
  const Model model = testing::parse_graph(body(R"(
    a = Conv(x, w1, b1) "first"
    r = Relu(a) "relu"
    y = Conv(r, w2) "last"
    output y: float32)"));
  const auto proposals = proposals_for(model);
  ASSERT_EQ(proposals.size(), 2U);
  EXPECT_TRUE(proposals[0].changes.empty()) << "without activations";
  EXPECT_EQ(proposals[1].exactness, Exactness::kExact);
  const auto before = ranges_of(model, "a");
  const auto after = ranges_of(proposals[1].model, "a_absorbed");
  EXPECT_NEAR(after[0].min, 0.25 * (before[0].max - before[0].min), 1e-3);
  EXPECT_NEAR(after[1].max, before[1].max, 1e-5) << "it is always cut off";
  EXPECT_LT(largest_difference(model, proposals[1].model), 1e-5);
}

// Up to 26 nothing of channel 0 is cut off; up to 22 something is.
TEST(Absorb, LeavesAChannelAloneThatAClipBounds) {
  const std::string nodes = R"(
    const low: float32[] = 22
    a = Conv(x, w1, b1) "first"
    r = Clip(a, zero, {})
    y = Conv(r, w2) "last"
    output y: float32)";
  const auto with_bound = [&](std::string_view bound) {
    std::string text = nodes;
    text.replace(text.find("{}"), 2, bound);
    return testing::parse_graph(body(text));
  };
  const auto open = proposals_for(with_bound("top"));
  ASSERT_EQ(open.size(), 2U);
  EXPECT_LT(largest_difference(with_bound("top"), open[1].model), 1e-5);
  EXPECT_EQ(proposals_for(with_bound("low")).size(), 1U);
}

}  // namespace
}  // namespace octavo
