#include "support/graph_text.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/tensor_proto.h"
#include "onnx/onnx-ml.pb.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

using testing::parse_broken_graph;
using testing::parse_graph;

Tensor first_constant(const Model& model) {
  return tensor_from_proto(model.proto().graph().initializer(0));
}

TEST(ParseGraph, FillsRandomConstantsFromTheirSeed) {
  const Model model = parse_graph(
      "opset 13\n"
      "const a: float32[100] = random(1)\n"
      "const b: float32[100] = random(1)\n"
      "const c: float32[100] = random(2, 0.5, 1.5)\n"
      "y = Sum(a, b, c)\n"
      "output y: float32\n");
  const auto& constants = model.proto().graph().initializer();
  EXPECT_EQ(constants[0].raw_data(), constants[1].raw_data());
  const Tensor plain = tensor_from_proto(constants[0]);
  for (const float value : plain.as<float>()) {
    EXPECT_GE(value, -1.0F);
    EXPECT_LE(value, 1.0F);
  }
  const Tensor bounded = tensor_from_proto(constants[2]);
  for (const float value : bounded.as<float>()) {
    EXPECT_GE(value, 0.5F);
    EXPECT_LE(value, 1.5F);
  }
}

TEST(ParseGraph, ReadsEveryElementType) {
  EXPECT_EQ(first_constant(parse_broken_graph("const a: int4[3] = -8 0 7")).at(0), -8);
  EXPECT_EQ(first_constant(parse_broken_graph("const a: bool[2] = 0 1")).at(1), 1);
  EXPECT_EQ(first_constant(parse_broken_graph("const a: int64[1] = -9223372036854775807"))
                .as<std::int64_t>()[0],
            -9223372036854775807);
}

TEST(ParseGraph, SkipsCommentsAndEmptyLines) {
  const Model model = parse_graph(
      "opset 13  # the newest we need\n\n"
      "# nothing\n"
      "input x: float32[2]\n"
      "y = Relu(x) \"a # in a name\"\n"
      "output y: float32[2]");
  EXPECT_EQ(model.proto().graph().node(0).name(), "a # in a name");
}

TEST(ParseGraph, LetsTensorsBeCalledLikeKeywords) {
  const Model model = parse_graph(
      "opset 13\n"
      "input input: float32[2]\n"
      "output = Relu(input)\n"
      "output output: float32[2]\n");
  EXPECT_EQ(model.proto().graph().node(0).output(0), "output");
}

TEST(ParseGraph, RefusesBadTextNamingTheLine) {
  EXPECT_OCTAVO_ERROR(parse_graph("opset 13\ny = Relu(x"), ErrorCode::kInvalidArgument, "line 2",
                      "expected ','");
  EXPECT_OCTAVO_ERROR(parse_graph("y Relu(x)"), ErrorCode::kInvalidArgument, "line 1",
                      "expected '='");
  EXPECT_OCTAVO_ERROR(parse_graph("const w: float33[2] = 1 2"), ErrorCode::kInvalidArgument,
                      "line 1", "float33");
  EXPECT_OCTAVO_ERROR(parse_graph("const w: float32[3] = 1 2"), ErrorCode::kInvalidArgument,
                      "2 values, expected 3");
  EXPECT_OCTAVO_ERROR(parse_graph("const w: float32[1] = 1 2"), ErrorCode::kInvalidArgument,
                      "expected the end of the line");
  EXPECT_OCTAVO_ERROR(parse_graph("const w: float32[9] = -1..2 #00000000"),
                      ErrorCode::kInvalidArgument, "'-1..2' is no number");
  EXPECT_OCTAVO_ERROR(parse_graph("const w: int8[3] = random(1)"), ErrorCode::kInvalidArgument,
                      "random() makes only float tensors");
  EXPECT_OCTAVO_ERROR(parse_graph("const w: float32[N] = 1"), ErrorCode::kInvalidArgument,
                      "dimensions are numbers");
  EXPECT_OCTAVO_ERROR(parse_graph("y = If(x)\nbegin then_branch\n"), ErrorCode::kInvalidArgument,
                      "begin without end");
  EXPECT_OCTAVO_ERROR(parse_graph("end"), ErrorCode::kInvalidArgument, "end without begin");
  EXPECT_OCTAVO_ERROR(parse_graph("begin then_branch"), ErrorCode::kInvalidArgument,
                      "begin without a node");
}

TEST(ParseGraph, RefusesBrokenGraphs) {
  EXPECT_OCTAVO_ERROR(parse_graph("opset 13\ny = Relu(x)\noutput y"), ErrorCode::kInvalidModel,
                      "'x'");
}

}  // namespace
}  // namespace octavo
