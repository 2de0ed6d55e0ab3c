#include "model/print.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "model/tensor_proto.h"
#include "onnx/onnx-ml.pb.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

using testing::parse_graph;

// Text that prints as itself.
void expect_round_trip(std::string_view text) { EXPECT_EQ(print_graph(parse_graph(text)), text); }

TEST(PrintGraph, ReadsBackAsTheSameText) {
  expect_round_trip(
      "opset 13\n"
      "opset com.microsoft 1\n"
      "input x: float32[N,3,8,?]\n"
      "const w: float32[2,3,1,1] = 1 2.5 -3 4 1e-05 0.1\n"
      "const axes: int64[2] = 9223372036854775807 -1\n"
      "const one: float32[] = 1\n"
      "const none: int64[0] = \n"
      "value c: float32[N,2,8,?]\n"
      "c = Conv(x, w) {auto_pad=\"NOTSET\", pads=[1,1,1,1]} \"conv 1\"\n"
      "y = Clip(c, _, one)\n"
      "a, _ = com.microsoft.Odd(y) {alpha=1.0, beta=[0.5,1e-07], names=[\"a\",\"b\"]}\n"
      "output y: float32[N,2,8,?]\n"
      "output a\n");
}

TEST(PrintGraph, QuotesNamesOfOtherCharacters) {
  expect_round_trip(
      "opset 13\n"
      "input \"input:0\": float32[\"batch size\"]\n"
      "\"_\" = Relu(\"input:0\") \"a \\\"b\\\" \\\\\"\n"
      "/model.0/out-1 = Relu(\"_\")\n"
      "output /model.0/out-1: float32\n");
}

TEST(PrintGraph, PrintsBodiesBelowTheirNode) {
  expect_round_trip(
      "opset 13\n"
      "input c: bool[]\n"
      "input x: float32[2]\n"
      "y = If(c) \"choose\"\n"
      "  begin else_branch\n"
      "    b = Neg(x)\n"
      "    output b: float32[2]\n"
      "  end\n"
      "  begin then_branch\n"
      "    a = Relu(x)\n"
      "    output a: float32[2]\n"
      "  end\n"
      "output y: float32[2]\n");
}

TEST(PrintGraph, PrintsTensorsInAttributes) {
  expect_round_trip(
      "opset 13\n"
      "y = Constant() {value=float32[2](1 2)}\n"
      "output y: float32[2]\n");
}

TEST(PrintGraph, SummarizesLongConstants) {
  const Model model = parse_graph(
      "opset 13\n"
      "const a: float32[9] = 1 2 3 4 5 6 7 8 -9\n"
      "const b: float32[3,3] = fill(0.25)\n"
      "y = Add(a, b)\n"
      "output y: float32\n");
  const std::string text = print_graph(model);
  EXPECT_NE(text.find("const a: float32[9] = -9..8 #"), std::string::npos) << text;
  EXPECT_NE(text.find("const b: float32[3,3] = fill(0.25)\n"), std::string::npos) << text;
}

TEST(PrintGraph, TellsLongConstantsApartByTheirHash) {
  constexpr std::string_view kText =
      "opset 13\n"
      "const a: float32[9] = 1 2 3 4 5 6 7 8 9\n"
      "y = Relu(a)\n"
      "output y: float32\n";
  std::string swapped(kText);
  swapped.replace(swapped.find("2 3"), 3, "3 2");
  EXPECT_NE(print_graph(parse_graph(kText)), print_graph(parse_graph(swapped)));
}

TEST(PrintGraph, SortsAttributesByName) {
  EXPECT_EQ(print_graph(parse_graph("opset 13\ninput x: float32\n"
                                    "y = Op(x) {b=1, a=2}\noutput y\n")),
            "opset 13\ninput x: float32\ny = Op(x) {a=2, b=1}\noutput y\n");
}

TEST(PrintNode, LeavesOutWhatIsAbsent) {
  onnx::NodeProto node;
  node.set_op_type("Relu");
  node.add_input("x");
  node.add_output("y");
  EXPECT_EQ(print_node(node), "y = Relu(x)");
}

}  // namespace
}  // namespace octavo
