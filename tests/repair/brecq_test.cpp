#include "repair/brecq.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/graph.h"
#include "model/print.h"
#include "model/tensor_proto.h"
#include "repair/adaround.h"
#include "repair/colour_network.h"

namespace octavo {
namespace {

class Brecq : public testing::ColourNetwork {
 protected:
  Brecq() : ColourNetwork(testing::kColourNetwork, 4, 160) {}
};

TEST_F(Brecq, LowersTheNoiseOnSamplesThatItDidNotSee) {
  const RepairResult result = repair_brecq(task(2), before_);
  EXPECT_EQ(result.changes.size(), 4U);
  EXPECT_GT(sqnr_db(result.repaired), sqnr_db(before_) + 1);
}

TEST_F(Brecq, ChoosesOneOfTheTwoNeighbours) {
  const RepairResult result = repair_brecq(task(2), before_);
  const Graph before(before_.model.proto().graph());
  const Graph after(result.repaired.model.proto().graph());
  for (const PlannedConstant& constant : before_.plan.constants) {
    const Tensor exact = tensor_from_proto(*before.initializer(constant.tensor));
    const Tensor chosen = tensor_from_proto(*after.initializer(constant.tensor));
    const Tensor kept = fake_quantize(chosen, constant.params);
    const float step =
        *std::max_element(constant.params.scale.begin(), constant.params.scale.end());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      EXPECT_EQ(chosen.at(i), kept.at(i)) << "what is stored is a code's value";
      EXPECT_LT(std::abs(chosen.at(i) - exact.at(i)), 1.001 * static_cast<double>(step));
    }
  }
}

TEST_F(Brecq, LearnsTheStepsOfWhatItsBlocksMake) {
  const RepairResult result = repair_brecq(task(2), before_);
  const auto scale = [](const Plan& plan, std::string_view tensor) {
    return planned_activation(plan, tensor)->params.scale.front();
  };
  EXPECT_NE(scale(result.repaired.plan, "r1"), scale(before_.plan, "r1"));
  EXPECT_NE(scale(result.repaired.plan, "c2"), scale(before_.plan, "c2"));
  EXPECT_EQ(scale(result.repaired.plan, "x"), scale(before_.plan, "x")) << "no block makes it";
}

TEST_F(Brecq, ForgetsWhatARepairRounded) {
  const RepairResult rounded = repair_adaround(task(2), before_);
  const RepairResult after = repair_brecq(task(2), rounded.repaired);
  EXPECT_EQ(print_graph(after.repaired.model),
            print_graph(repair_brecq(task(2), before_).repaired.model));
}

TEST_F(Brecq, IsTheSameAtAnyNumberOfThreads) {
  const Repaired one = repair_brecq(task(1), before_).repaired;
  const Repaired three = repair_brecq(task(3), before_).repaired;
  EXPECT_EQ(print_graph(rewrite(one.model, one.plan)),
            print_graph(rewrite(three.model, three.plan)));
}

// Each layer by itself rounds 0.45 and 0.3 to 0: that is nearest, and the second layer's codes are
// exact, so that it can make up for nothing. Together the two see that only the sum of the channels
// counts.
class PlantedBlock : public testing::ColourNetwork {
 protected:
  PlantedBlock()
      : ColourNetwork(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w1: float32[2,3,1,1] = 7 0.45 0 7 0.3 0
    const w2: float32[1,2,1,1] = 7 7
    h = Conv(x, w1) "first"
    y = Conv(h, w2) "second"
    output y: float32[N,1,8,8]
  )") {}
};

TEST_F(PlantedBlock, LetsTheErrorsOfTwoLayersCancel) {
  const auto taken = [](const RepairResult& result) {
    const Graph graph(result.repaired.model.proto().graph());
    const Tensor weights = tensor_from_proto(*graph.initializer("w1"));
    return weights.at(1) + weights.at(4);
  };
  const RepairResult one_by_one = repair_adaround(task(1), before_);
  const RepairResult together = repair_brecq(task(1), before_);
  EXPECT_EQ(taken(one_by_one), 0);
  EXPECT_NEAR(taken(together), 1, 1e-6);
  EXPECT_GT(sqnr_db(together.repaired), sqnr_db(one_by_one.repaired) + 3);
}

class RefusedBlock : public testing::ColourNetwork {
 protected:
  RefusedBlock()
      : ColourNetwork(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[3,3,1,1] = random(1)
    h = Conv(x, w) "layer"
    s = Softmax(h) {axis=1} "softmax"
    y = Mul(x, s) "gate"
    output y: float32[N,3,8,8]
  )") {}
};

TEST_F(RefusedBlock, SaysWhatHasNoDerivative) {
  const RepairResult result = repair_brecq(task(1), before_);
  ASSERT_EQ(result.refusals.size(), 1U);
  EXPECT_EQ(result.refusals[0].node, "layer");
  EXPECT_EQ(result.refusals[0].text,
            "node 'softmax' (Softmax) is in its block and has no derivative here");
  EXPECT_EQ(result.changes.size(), 1U) << "adaround's work stays";
}

}  // namespace
}  // namespace octavo
