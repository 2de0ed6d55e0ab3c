#include "prepare/graph_edits.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "model/print.h"
#include "model/tensor_proto.h"
#include "onnx/onnx-ml.pb.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

Model chain() {
  return testing::parse_graph(
      "opset 13\ninput x: float32[2]\nconst k: float32[2] = 1 2\n"
      "value a: float32[2]\nvalue b: float32[2]\n"
      "a = Relu(x)\nb = Mul(a, k)\nc = Neg(b)\ny = Abs(c)\noutput y: float32[2]\n");
}

const onnx::NodeProto& node(const Model& model, int index) {
  return model.proto().graph().node(index);
}

TEST(GraphEdits, ReplaceInPlaceAndDropStaleShapes) {
  Model model = chain();
  GraphEdits edits;
  EXPECT_TRUE(edits.empty());
  onnx::NodeProto first = node(model, 1);
  onnx::NodeProto second = node(model, 1);
  first.set_output(0, "half");
  second.set_input(0, "half");
  second.set_output(0, "all");
  edits.replace(node(model, 1), {first, second});
  edits.redirect("b", "all");
  EXPECT_TRUE(edits.touches(node(model, 1)));
  EXPECT_FALSE(edits.touches(node(model, 0)));
  EXPECT_FALSE(edits.empty());
  std::move(edits).apply(model);
  EXPECT_EQ(print_graph(model),
            "opset 13\ninput x: float32[2]\nconst k: float32[2] = 1 2\nvalue a: float32[2]\n"
            "a = Relu(x)\nhalf = Mul(a, k)\nall = Mul(half, k)\nc = Neg(all)\ny = Abs(c)\n"
            "output y: float32[2]\n");
}

TEST(GraphEdits, FollowRedirectionsToTheirEnd) {
  Model model = chain();
  GraphEdits edits;
  for (int i = 1; i < 3; ++i) {
    edits.remove(node(model, i));
    edits.redirect(node(model, i).output(0), node(model, i).input(0));
  }
  edits.remove_initializer("k");
  std::move(edits).apply(model);
  EXPECT_EQ(print_graph(model),
            "opset 13\ninput x: float32[2]\nvalue a: float32[2]\na = Relu(x)\ny = Abs(a)\n"
            "output y: float32[2]\n");
}

TEST(GraphEdits, ReplaceInitializersByNameAndAddNewOnes) {
  Model model = chain();
  GraphEdits edits;
  const Tensor values = Tensor::of<float>({1}, {7});
  edits.set_initializer(tensor_to_proto(values, "k"));
  edits.set_initializer(tensor_to_proto(values, "new"));
  std::move(edits).apply(model);
  EXPECT_NE(print_graph(model).find("const k: float32[1] = 7\nconst new: float32[1] = 7\n"),
            std::string::npos);
}

}  // namespace
}  // namespace octavo
