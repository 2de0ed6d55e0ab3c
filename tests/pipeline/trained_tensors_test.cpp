#include "pipeline/trained_tensors.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

using Learning = TrainedActivation::Learning;

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,4,8,8]
  const w: float32[4,4,1,1] = random(1)
  const v: float32[4,4,1,1] = random(2)
  c = Conv(x, w) "conv"
  s = Sigmoid(c) "sigmoid"
  p = MaxPool(s) {kernel_shape=[2,2]} "pool"
  y = Conv(p, v) "last"
  output y: float32[N,4,7,7]
)";

TrainedActivation of(const std::vector<TrainedActivation>& all, std::string_view tensor) {
  return *std::find_if(all.begin(), all.end(),
                       [&](const auto& one) { return one.tensor == tensor; });
}

TEST(TrainedActivations, MovedValuesShareAndKnownRangesDoNotLearn) {
  const testing::Planned planned =
      testing::make_planned(testing::parse_graph(kNetwork), {-1, 0.5, 1});
  const auto found = trained_activations(planned.plan, planned.placement);
  EXPECT_EQ(of(found, "s").group, of(found, "p").group);
  EXPECT_NE(of(found, "x").group, of(found, "c").group);
  EXPECT_EQ(of(found, "s").learning, Learning::kNone) << "0 to 1, whatever the data";
  EXPECT_EQ(of(found, "x").learning, Learning::kScaleAndZeroPoint);
}

TEST(TrainedActivations, AZeroPointAtTheEndOfTheCodesStays) {
  const testing::Planned planned = testing::make_planned(testing::parse_graph(kNetwork), {0, 1});
  const auto found = trained_activations(planned.plan, planned.placement);
  EXPECT_EQ(of(found, "x").learning, Learning::kScale);
}

TEST(TrainedWeights, SayWhichCodesTheyMayUse) {
  const testing::Planned planned = testing::make_planned(testing::parse_graph(kNetwork), {0, 1});
  const auto found = trained_weights(planned.plan);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (TrainedWeight{"conv", 1, true, 0}));
}

TEST(TrainedWeights, AreIntegers) {
  Plan plan = testing::make_planned(testing::parse_graph(kNetwork), {0, 1}).plan;
  plan.constants[0].params.scheme.dtype = DType::kFloat8E4m3;
  EXPECT_OCTAVO_ERROR(trained_weights(plan), ErrorCode::kUnsupported, "'conv'", "float8e4m3");
}

}  // namespace
}  // namespace octavo
