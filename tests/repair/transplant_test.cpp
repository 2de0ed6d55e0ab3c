#include "repair/transplant.h"

#include <gtest/gtest.h>

#include "model/graph.h"
#include "model/tensor_proto.h"
#include "repair/store_layer.h"
#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,2,4,4]
  const w1: float32[2,2,1,1] = 1 2 3 4
  const w2: float32[2,2,1,1] = 2 3 4 5
  a = Conv(x, w1) "one"
  y = Conv(a, w2) "two"
  output y: float32[N,2,4,4]
)";

TEST(Transplant, LeavesALayerAloneThatStaysFloat) {
  const Model model = testing::parse_graph(kNetwork);
  Repaired repaired{model, testing::make_planned(model, {-1, 1}).plan};
  const Tensor other = Tensor::of<float>({2, 2, 1, 1}, {9, 9, 9, 9});
  set_weights(repaired.model, "one", other);
  set_weights(repaired.model, "two", other);
  ASSERT_TRUE(shift_bias(repaired, "two", {0.5, 0.25}));
  Recipe recipe;
  recipe.exclude_nodes = {"one"};
  Plan plan = testing::make_planned(model, {-1, 1}, recipe).plan;
  const Model result = transplant(model, repaired, plan);
  const Graph graph(result.proto().graph());
  EXPECT_EQ(tensor_from_proto(*graph.initializer("w1")).at(0), 1) << "'one' stays float";
  EXPECT_EQ(tensor_from_proto(*graph.initializer("w2")).at(0), 9);
  ASSERT_EQ(plan.biases.size(), 1U) << "the bias that the repair added";
  EXPECT_EQ(plan.biases[0].tensor, "two_bias");
  EXPECT_EQ(graph.node("two")->input(2), "two_bias");
}

TEST(ShiftBias, RefusesWhatInt32CannotHold) {
  const Model model = testing::parse_graph(kNetwork);
  Repaired repaired{model, testing::make_planned(model, {-1, 1}).plan};
  EXPECT_FALSE(shift_bias(repaired, "two", {1e9, 0}));
  EXPECT_TRUE(repaired.plan.biases.empty());
}

}  // namespace
}  // namespace octavo
