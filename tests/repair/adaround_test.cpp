#include "repair/adaround.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/graph.h"
#include "model/print.h"
#include "model/tensor_proto.h"
#include "repair/colour_network.h"
#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

using Adaround = testing::ColourNetwork;

TEST_F(Adaround, HalvesTheNoiseOnSamplesThatItDidNotSee) {
  const RepairResult result = repair_adaround(task(2), before_);
  EXPECT_EQ(result.changes.size(), 4U);
  EXPECT_GT(sqnr_db(result.repaired), sqnr_db(before_) + 6);
}

TEST_F(Adaround, ChoosesOneOfTheTwoNeighbours) {
  const RepairResult result = repair_adaround(task(2), before_);
  const Graph before(before_.model.proto().graph());
  const Graph after(result.repaired.model.proto().graph());
  std::size_t moved = 0;
  for (const PlannedConstant& constant : before_.plan.constants) {
    const Tensor exact = tensor_from_proto(*before.initializer(constant.tensor));
    const Tensor chosen = tensor_from_proto(*after.initializer(constant.tensor));
    const Tensor nearest = fake_quantize(exact, constant.params);
    const Tensor kept = fake_quantize(chosen, constant.params);
    const float step =
        *std::max_element(constant.params.scale.begin(), constant.params.scale.end());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      EXPECT_EQ(chosen.at(i), kept.at(i)) << "what is stored is a code's value";
      EXPECT_LT(std::abs(chosen.at(i) - exact.at(i)), 1.001 * static_cast<double>(step));
      moved += chosen.at(i) != nearest.at(i) ? 1 : 0;
    }
  }
  EXPECT_GT(moved, 20U);
}

TEST_F(Adaround, IsTheSameAtAnyNumberOfThreads) {
  EXPECT_EQ(print_graph(repair_adaround(task(1), before_).repaired.model),
            print_graph(repair_adaround(task(3), before_).repaired.model));
}

TEST_F(Adaround, RefusesATransposedConvolution) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[3,2,2,2] = random(1)
    y = ConvTranspose(x, w) "up"
    output y: float32[N,2,9,9]
  )");
  Profile profile = load_profile("onnxruntime-x86");
  profile.operators["ConvTranspose"] = profile.operators.find("Conv")->second;
  const Graph graph(model.proto().graph());
  const Placement placement = place(graph, profile, {});
  const Statistics statistics =
      calibrate(model, placement.observed_tensors(), data_, *executor_, {});
  const Repaired before{model, make_plan(graph, placement, statistics, profile, {})};
  const RepairResult result = repair_adaround({model, data_, *executor_, 1}, before);
  EXPECT_TRUE(result.changes.empty());
  ASSERT_EQ(result.refusals.size(), 1U);
  EXPECT_EQ(result.refusals[0].text, "its windows cannot be taken apart");
}

}  // namespace
}  // namespace octavo
