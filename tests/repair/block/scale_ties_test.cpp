#include "repair/block/scale_ties.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,2,4,4]
  const w1: float32[2,2,1,1] = 1 2 3 4
  const b1: float32[2] = 0.5 -0.5
  const w2: float32[2,2,1,1] = 2 3 4 5
  const b2: float32[2] = 0.25 1
  a = Conv(x, w1, b1) "one"
  p = MaxPool(a) {kernel_shape=[2,2], strides=[2,2]} "pool"
  c = Conv(p, w2, b2) "two"
  d = Relu(c) "relu"
  y = Conv(d, w2) "three"
  output y: float32[N,2,2,2]
)";

class Ties : public ::testing::Test {
 protected:
  Ties() : repaired_{testing::parse_graph(kNetwork), {}} {
    repaired_.plan = testing::make_planned(repaired_.model, {-1, 3}).plan;
  }

  float bias_scale(std::string_view node) const {
    const auto& biases = repaired_.plan.biases;
    return std::find_if(biases.begin(), biases.end(),
                        [&](const PlannedBias& bias) { return bias.node == node; })
        ->params.scale.front();
  }

  Repaired repaired_;
};

TEST_F(Ties, HoldBothEndsOfAPoolTogether) {
  const ScaleTies ties(Graph(repaired_.model.proto().graph()), repaired_.plan);
  EXPECT_EQ(ties.tied_to("p"), (Names{"a", "p"}));
  EXPECT_EQ(ties.tied_to("d"), (Names{"d"}));
}

TEST_F(Ties, MoveTheScalesOfBiasesToo) {
  const float one = bias_scale("one");
  const float two = bias_scale("two");
  const float before = planned_activation(repaired_.plan, "a")->params.scale.front();
  ASSERT_TRUE(set_activation_params(repaired_, Names{"a", "p"}, {{before / 2, 7}, "clip"}));
  EXPECT_EQ(planned_activation(repaired_.plan, "p")->params.scale.front(), before / 2);
  EXPECT_EQ(planned_activation(repaired_.plan, "p")->params.zero_point.front(), 7);
  EXPECT_EQ(bias_scale("one"), one) << "it reads x";
  EXPECT_FLOAT_EQ(bias_scale("two"), two / 2);
}

TEST_F(Ties, SayWhichRangeIsCoveredNowAndWhy) {
  const PlannedActivation before = *planned_activation(repaired_.plan, "d");
  ASSERT_TRUE(set_activation_params(repaired_, Names{"a", "p"}, {{0.25F, 7}, "clip"}));
  const PlannedActivation& moved = *planned_activation(repaired_.plan, "p");
  EXPECT_EQ(moved.range, (Range{-7 * 0.25, (255 - 7) * 0.25}));
  EXPECT_EQ(moved.calibrator.name, "clip");
  const ScaleZeroPoint same{before.params.scale.front(), before.params.zero_point.front()};
  ASSERT_TRUE(set_activation_params(repaired_, Names{"d"}, {same, "brecq"}));
  EXPECT_EQ(planned_activation(repaired_.plan, "d")->range, before.range);
  EXPECT_EQ(planned_activation(repaired_.plan, "d")->calibrator, before.calibrator);
}

TEST_F(Ties, MoveWhatGuardsReadThem) {
  Plan& plan = repaired_.plan;
  const QuantParams& before = planned_activation(plan, "a")->params;
  QuantParams guard = before;
  guard.scale.assign(2, before.scale.front());
  guard.zero_point.assign(2, before.zero_point.front());
  guard.axis = 1;
  plan.guards = {{"a", "pool", guard}, {"d", "three", guard}};
  ASSERT_TRUE(set_activation_params(repaired_, Names{"a", "p"}, {{0.25F, 7}, "clip"}));
  EXPECT_EQ(repaired_.plan.guards[0].params.scale, std::vector<float>(2, 0.25F));
  EXPECT_EQ(repaired_.plan.guards[0].params.zero_point, std::vector<std::int32_t>(2, 7));
  EXPECT_EQ(repaired_.plan.guards[1].params, guard) << "another tensor's";
}

TEST_F(Ties, RefuseAScaleThatABiasDoesNotFit) {
  const float before = planned_activation(repaired_.plan, "a")->params.scale.front();
  EXPECT_FALSE(set_activation_params(repaired_, Names{"a", "p"}, {{before * 1e-9F, 0}, "clip"}));
  EXPECT_EQ(planned_activation(repaired_.plan, "a")->params.scale.front(), before);
}

}  // namespace
}  // namespace octavo
