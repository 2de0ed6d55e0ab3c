#include "model/measured_outputs.h"

#include <gtest/gtest.h>

#include "support/graph_text.h"

namespace octavo {
namespace {

using Names = std::vector<std::string>;

TEST(MeasuredOutputs, LookBeforeWhatSquashes) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,5]
    a = Relu(x) "relu"
    p = Softmax(a) {axis=1} "softmax"
    b = Neg(x) "neg"
    output p: float32[N,5]
    output b: float32[N,5]
  )");
  const auto outputs = measured_outputs(Graph(model.proto().graph()));
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0].squashed_by, "softmax");
  EXPECT_EQ(outputs[1].squashed_by, "");
  // The same nodes with codes between them.
  const Model renamed = testing::parse_graph(R"(
    opset 13
    input x: float32[N,5]
    a = Relu(x) "relu"
    d = Abs(a) "other"
    p = Softmax(d) {axis=1} "softmax"
    b = Neg(x) "neg"
    output p: float32[N,5]
    output b: float32[N,5]
  )");
  EXPECT_EQ(measured_tensors(Graph(renamed.proto().graph()), outputs), (Names{"d", "b"}));
}

}  // namespace
}  // namespace octavo
