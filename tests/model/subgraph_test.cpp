#include "model/subgraph.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/print.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,2]
  input z: float32[N,2]
  const w: float32[2,2] = 1 2 3 4
  const v: float32[2,2] = 5 6 7 8
  a = MatMul(x, w) "first"
  b = Relu(a) "relu"
  c = MatMul(b, v) "second"
  d = Add(c, z) "add"
  output d: float32[N,2]
)";

TEST(Subgraph, KeepsWhatLiesBetween) {
  const Model model = testing::parse_graph(kNetwork);
  const std::vector<TensorInfo> inputs = {{"b", DType::kFloat32, {-1, 2}}};
  const std::vector<std::string> outputs = {"c"};
  EXPECT_EQ(print_graph(subgraph(model, inputs, outputs)), R"(opset 13
input b: float32[?,2]
const v: float32[2,2] = 5 6 7 8
c = MatMul(b, v) "second"
output c
)");
}

TEST(Subgraph, OfAllInputsAndOutputsIsTheModelLessWhatNothingNeeds) {
  const Model model = testing::parse_graph(kNetwork);
  const std::vector<std::string> outputs = {"a", "d"};
  const Model part = subgraph(model, model.inputs(), outputs);
  EXPECT_EQ(part.proto().graph().node_size(), 4);
  EXPECT_EQ(part.proto().graph().initializer_size(), 2);
}

TEST(Subgraph, NamesAnInputThatIsMissing) {
  const Model model = testing::parse_graph(kNetwork);
  const std::vector<TensorInfo> inputs = {{"b", DType::kFloat32, {-1, 2}}};
  const std::vector<std::string> outputs = {"d"};
  EXPECT_OCTAVO_ERROR(subgraph(model, inputs, outputs), ErrorCode::kNotFound,
                      "a part of the model needs 'z'");
}

TEST(Subgraph, NamesAnOutputThatNothingMakes) {
  const Model model = testing::parse_graph(kNetwork);
  const std::vector<std::string> outputs = {"nowhere"};
  EXPECT_OCTAVO_ERROR(subgraph(model, model.inputs(), outputs), ErrorCode::kNotFound, "'nowhere'");
}

TEST(Subgraph, TakesWhatABodyReadsFromOutside) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[2]
    input c: bool[]
    a = Relu(x)
    y = If(c)
      begin then_branch
        t = Neg(a)
        output t: float32[2]
      end
      begin else_branch
        e = Abs(a)
        output e: float32[2]
      end
    output y: float32[2]
  )");
  const std::vector<std::string> outputs = {"y"};
  const Model part = subgraph(model, model.inputs(), outputs);
  EXPECT_EQ(part.proto().graph().node_size(), 2) << "Relu feeds the bodies only";
}

}  // namespace
}  // namespace octavo
