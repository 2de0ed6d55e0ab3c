#include "repair/clip.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "model/print.h"
#include "repair/colour_network.h"

namespace octavo {
namespace {

// Exact weights; the first channel of h and p is 50 times as large as the other, and hardly read.
constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,3,8,8]
  const w1: float32[2,3,1,1] = 50 0 0 0 1 0
  const w2: float32[2,2,1,1] = 0 1 0 1
  h = Conv(x, w1) "first"
  p = MaxPool(h) {kernel_shape=[2,2], strides=[2,2]} "pool"
  c = Conv(p, w2) "second"
  s = Sigmoid(c) "gate"
  g = Mul(c, s) "product"
  y = Conv(g, w2) "third"
  output y: float32[N,2,4,4]
)";

class Clip : public testing::ColourNetwork {
 protected:
  Clip() : ColourNetwork(kNetwork) {}

  static const QuantParams& params(const Repaired& repaired, std::string_view tensor) {
    return planned_activation(repaired.plan, tensor)->params;
  }
};

TEST_F(Clip, GivesFinerStepsToWhatTheOutputDependsOn) {
  const RepairResult result = repair_clip(task(2), before_);
  EXPECT_LT(params(result.repaired, "h").scale.front(), params(before_, "h").scale.front() / 3);
  EXPECT_GT(sqnr_db(result.repaired), sqnr_db(before_) + 6);
  EXPECT_EQ(print_graph(result.repaired.model), print_graph(model_)) << "weights stay";
  ASSERT_FALSE(result.changes.empty());
  EXPECT_NE(std::find_if(result.changes.begin(), result.changes.end(),
                         [](const RepairNote& note) { return note.node == "first"; }),
            result.changes.end());
}

TEST_F(Clip, MovesTensorsThatShareAScaleTogether) {
  const RepairResult result = repair_clip(task(1), before_);
  EXPECT_EQ(params(result.repaired, "p"), params(result.repaired, "h"));
}

TEST_F(Clip, LeavesKnownRangesAlone) {
  const RepairResult result = repair_clip(task(1), before_);
  ASSERT_NE(planned_activation(before_.plan, "s"), nullptr);
  EXPECT_EQ(params(result.repaired, "s"), params(before_, "s"));
  ASSERT_EQ(result.refusals.size(), 1U);
  EXPECT_EQ(result.refusals[0], (RepairNote{"gate", "its range is known without looking"}));
}

TEST_F(Clip, MovesOneEndWhereOnlyThatOneHelps) {
  // Only what is negative is read: the positive end can go, the negative one cannot.
  model_ = testing::parse_graph(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w1: float32[2,3,1,1] = 1 0 0 0 1 0
    const w2: float32[1,2,1,1] = 1 1
    const zero: float32[1] = 0
    h = Conv(x, w1) "first"
    m = Min(h, zero) "negative"
    y = Conv(m, w2) "second"
    output y: float32[N,1,8,8]
  )");
  const Plan plan = testing::make_planned(model_, {-3, 3}).plan;
  ASSERT_NE(planned_activation(plan, "h"), nullptr);
  const RepairResult result = repair_clip(task(2), {model_, plan});
  const auto ends = [](const QuantParams& found) {
    const CodeRange codes = code_range(found.scheme);
    return Range{found.scale.front() * static_cast<double>(codes.min - found.zero_point.front()),
                 found.scale.front() * static_cast<double>(codes.max - found.zero_point.front())};
  };
  const Range range = ends(params(result.repaired, "h"));
  EXPECT_LT(range.max, 1.2);
  EXPECT_LT(range.min, -2);
}

TEST_F(Clip, IsTheSameAtAnyNumberOfThreads) {
  const Repaired one = repair_clip(task(1), before_).repaired;
  const Repaired three = repair_clip(task(3), before_).repaired;
  EXPECT_EQ(print_graph(rewrite(one.model, one.plan)),
            print_graph(rewrite(three.model, three.plan)));
}

}  // namespace
}  // namespace octavo
