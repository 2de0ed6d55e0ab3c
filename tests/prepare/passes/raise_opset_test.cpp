#include "prepare/passes/raise_opset.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>

#include "onnx/onnx-ml.pb.h"
#include "prepare/pass_testing.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

using testing::expect_pass;
using testing::parse_graph;

PreparedModel raised_to(const Model& model, int opset) {
  PrepareOptions options;
  options.opset = opset;
  return testing::run_only(model, "raise_opset", options);
}

TEST(RaiseOpset, TurnsAttributesIntoInputs) {
  expect_pass("raise_opset", R"(opset 10
input x: float32[2,3]
y = Clip(x) {max=1.5, min=-1.0} "clip"
output y: float32[2,3]
)",
              R"(opset 13
input x: float32[2,3]
y_min = Constant() {value=float32[](-1)} "y_min"
y_max = Constant() {value=float32[](1.5)} "y_max"
y = Clip(x, y_min, y_max) "clip"
output y: float32[2,3]
)");
}

TEST(RaiseOpset, KeepsAbsentBoundsAbsent) {
  expect_pass("raise_opset", R"(opset 7
input x: float32[2,3]
y = Clip(x) {max=1.5}
output y: float32[2,3]
)",
              R"(opset 13
input x: float32[2,3]
y_max = Constant() {value=float32[](1.5)} "y_max"
y = Clip(x, _, y_max)
output y: float32[2,3]
)");
}

TEST(RaiseOpset, TypesBoundsAsTheirInput) {
  testing::expect_text("raise_opset", R"(opset 10
input x: float32[2,3]
h = Cast(x) {to=10}
r = Relu(h)
y = Clip(r) {max=1.5}
output y: float16[2,3]
)",
                       R"(opset 13
input x: float32[2,3]
h = Cast(x) {to=10}
r = Relu(h)
y_max = Constant() {value=float16[](1.5)} "y_max"
y = Clip(r, _, y_max)
output y: float16[2,3]
)");
}

TEST(RaiseOpset, RewritesUpsampleThroughEveryVersion) {
  expect_pass("raise_opset", R"(opset 7
input x: float32[1,1,2,2]
y = Upsample(x) {mode="nearest", scales=[1.0,1.0,2.0,2.0]}
output y: float32[1,1,4,4]
)",
              R"(opset 13
input x: float32[1,1,2,2]
y_scales = Constant() {value=float32[4](1 1 2 2)} "y_scales"
y = Resize(x, _, y_scales) {coordinate_transformation_mode="asymmetric", mode="nearest", nearest_mode="floor"}
output y: float32[1,1,4,4]
)");
}

TEST(RaiseOpset, KeepsTheMeaningOfSoftmaxOnTheLastAxis) {
  expect_pass("raise_opset", R"(opset 11
input x: float32[N,3]
y = Softmax(x) "softmax"
output y: float32[N,3]
)",
              R"(opset 13
input x: float32[N,3]
y = Softmax(x) {axis=-1} "softmax"
output y: float32[N,3]
)");
}

TEST(RaiseOpset, KeepsTheMeaningOfSoftmaxOverSeveralAxes) {
  expect_pass("raise_opset", R"(opset 11
input x: float32[N,3,2,2]
y = Softmax(x) {axis=1} "softmax"
output y: float32[N,3,2,2]
)",
              R"(opset 13
input x: float32[N,3,2,2]
y_shape = Shape(x) "y_shape"
y_flat = Flatten(x) {axis=1} "y_flat"
y_rows = Softmax(y_flat) {axis=-1} "softmax"
y = Reshape(y_rows, y_shape) "y_reshape"
output y: float32[N,3,2,2]
)");
}

TEST(RaiseOpset, KeepsTheAxisWhereAllBehindItAreOne) {
  expect_pass("raise_opset", R"(opset 11
input x: float32[N,3,1,1]
y = LogSoftmax(x) {axis=1}
output y: float32[N,3,1,1]
)",
              R"(opset 13
input x: float32[N,3,1,1]
y = LogSoftmax(x) {axis=1}
output y: float32[N,3,1,1]
)");
}

// A node of an old opset, raised to 13 and to 21, computes the same.
struct OldNode {
  int opset;
  std::string_view node;
};

std::ostream& operator<<(std::ostream& stream, const OldNode& old) {
  return stream << "opset " << old.opset << ": " << old.node;
}

class RaisedNode : public ::testing::TestWithParam<OldNode> {};

TEST_P(RaisedNode, ComputesTheSame) {
  const Model model = parse_graph(fmt::format(R"(opset {}
input x: float32[2,4,6,6]
input m: float32[3,4]
const w: float32[4,1,3,3] = random(1)
const s: float32[4] = random(2, 0.5, 1.5)
const big: float32[4] = 1 1 1.5 2
const small: float32[4] = 1 1 0.5 0.5
const rois: float32[1,4] = 0 0 4 4
const zero: int64[1] = 0
const none: float32[0] =
const index: int64[1,4] = 0 1 0 2
const grid: float32[2,3,3,2] = random(3)
{}
output y: float32
)",
                                              GetParam().opset, GetParam().node));
  for (const int opset : {13, 21}) {
    SCOPED_TRACE(opset);
    const PreparedModel result = raised_to(model, opset);
    EXPECT_EQ(result.model.opset(), std::max(opset, GetParam().opset));
    testing::expect_same_outputs(model, result.model);
    EXPECT_TRUE(raised_to(result.model, opset).passes.front().changes.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Operators, RaisedNode,
    ::testing::Values(
        OldNode{7, "y = BatchNormalization(x, s, s, s, s) {spatial=1}"},
        OldNode{9, "y = BatchNormalization(x, s, s, s, s)"},
        OldNode{7, "y = Conv(x, w) {group=4, pads=[1,1,1,1]}"},
        OldNode{7, "y = Dropout(x) {ratio=0.3}"}, OldNode{10, "y, mask = Dropout(x)"},
        OldNode{7, "y = AveragePool(x) {kernel_shape=[2,2]}"},
        OldNode{7, "y = MaxPool(x) {kernel_shape=[2,2], strides=[2,2]}"},
        OldNode{7, "y = Flatten(x)"}, OldNode{8, "y = Sum(x, x)"},
        OldNode{7, "y = Pad(x) {pads=[0,0,1,2,0,0,3,1]}"},
        OldNode{7, "y = Pad(x) {mode=\"constant\", pads=[0,0,1,2,0,0,3,1], value=2.5}"},
        OldNode{10, "y = Pad(x) {mode=\"reflect\", pads=[0,0,1,2,0,0,3,1]}"},
        OldNode{7, "y = Slice(x) {axes=[1,2], ends=[3,-1], starts=[1,0]}"},
        OldNode{9, "y = Slice(x) {ends=[1,3], starts=[0,1]}"},
        OldNode{9, "y, i = TopK(x) {axis=2, k=3}"}, OldNode{7, "a, y = Split(x) {axis=1}"},
        OldNode{11, "a, y = Split(x) {axis=1, split=[1,3]}"},
        OldNode{13, "a, y = Split(x) {axis=1}"},
        OldNode{7, "u = Unsqueeze(x) {axes=[0,3]}\ny = Squeeze(u) {axes=[3]}"},
        OldNode{11, "u = Unsqueeze(m) {axes=[-1]}\ny = Squeeze(u)"},
        OldNode{7, "y = ReduceSum(x) {axes=[1,2], keepdims=0}"}, OldNode{11, "y = ReduceSum(x)"},
        OldNode{7, "y = ReduceMean(x) {axes=[2,3]}"}, OldNode{13, "y = ReduceMax(x) {axes=[-1]}"},
        OldNode{13, "y = ReduceL2(x) {axes=[1]}"}, OldNode{7, "y = Softmax(m)"},
        OldNode{7, "y = Softmax(x) {axis=2}"}, OldNode{12, "y = Softmax(x) {axis=-2}"},
        OldNode{11, "y = Hardmax(x) {axis=3}"}, OldNode{8, "y = LogSoftmax(x)"},
        OldNode{7, "y = Upsample(x) {mode=\"linear\", scales=[1.0,1.0,2.0,3.0]}"},
        OldNode{9, "y = Upsample(x, big) {mode=\"nearest\"}"},
        OldNode{10, "y = Resize(x, big) {mode=\"nearest\"}"},
        OldNode{10, "y = Resize(x, small) {mode=\"nearest\"}"},
        OldNode{10, "y = Resize(x, big) {mode=\"linear\"}"},
        OldNode{10, "y = Resize(x, small) {mode=\"linear\"}"},
        OldNode{11, "y = Resize(x, none, small) {mode=\"cubic\"}"},
        OldNode{10, "y = RoiAlign(x, rois, zero) {output_height=2, output_width=2}"},
        OldNode{9, "r = Identity(rois)\ny = Scatter(m, index, r) {axis=0}"},
        OldNode{16, "y = GridSample(x, grid) {mode=\"bicubic\"}"},
        OldNode{16, "y = GridSample(x, grid)"}, OldNode{17, "y = LeakyRelu(x)"}));

TEST(RaiseOpset, RaisesBodies) {
  expect_pass("raise_opset", R"(opset 10
input x: float32[2,3]
const yes: bool[] = 1
y = If(yes) "choose"
  begin else_branch
    n = Neg(x)
    e = ReduceMax(n) {axes=[1]}
    output e: float32
  end
  begin then_branch
    r = Relu(x)
    t = ReduceSum(r) {axes=[1]}
    output t: float32
  end
output y: float32
)",
              R"(opset 13
input x: float32[2,3]
const yes: bool[] = 1
y = If(yes) "choose"
  begin else_branch
    n = Neg(x)
    e = ReduceMax(n) {axes=[1]}
    output e: float32
  end
  begin then_branch
    r = Relu(x)
    t_axes = Constant() {value=int64[1](1)} "t_axes"
    t = ReduceSum(r, t_axes)
    output t: float32
  end
output y: float32
)");
}

TEST(RaiseOpset, LeavesNewerModelsAndOtherDomains) {
  constexpr std::string_view kText =
      "opset 17\nopset custom 1\ninput x: float32[2]\ny = custom.Clip(x) {min=1.0}\noutput y\n";
  testing::expect_text("raise_opset", kText, kText);
}

TEST(RaiseOpset, RaisesTheIrVersionWithIt) {
  onnx::ModelProto proto =
      parse_graph("opset 10\ninput x: float32[2]\ny = Relu(x)\noutput y\n").proto();
  proto.set_ir_version(3);
  EXPECT_EQ(raised_to(Model(std::move(proto)), 21).model.proto().ir_version(), 10);
}

TEST(RaiseOpset, SparesModelsThatNeedNoRaising) {
  PrepareOptions options;
  const Model model = parse_graph("opset 10\ninput x: float32[2]\ny = Relu(x)\noutput y\n");
  EXPECT_EQ(prepare(model, options).model.opset(), 10);
}

TEST(RaiseOpset, ThrowsForWhatHasNoEquivalent) {
  const auto expect_unsupported = [](int from, int to, std::string_view nodes,
                                     std::string_view node, std::string_view reason) {
    SCOPED_TRACE(nodes);
    const Model model = parse_graph(fmt::format(
        "opset {}\ninput x: float32[2,4,6,6]\ninput free\nconst s: float32[4] = random(1)\n"
        "{}\noutput y\n",
        from, nodes));
    EXPECT_OCTAVO_ERROR(raised_to(model, to), ErrorCode::kUnsupported, node, reason);
  };
  expect_unsupported(7, 13, "y = BatchNormalization(x, s, s, s, s) {spatial=0} \"bn\"", "'bn'",
                     "spatial = 0");
  expect_unsupported(9, 14, "y, a = BatchNormalization(x, s, s, s, s) \"bn\"", "'bn'",
                     "training mode");
  expect_unsupported(9, 13, "d, mask = Dropout(x) \"drop\"\ny = Add(d, mask)", "'drop'", "mask");
  expect_unsupported(8, 13, "y = Scan(x) \"scan\"", "'scan' (Scan)", "has no equivalent");
  expect_unsupported(18, 21, "y = GroupNormalization(x, s, s) {num_groups=2} \"gn\"", "'gn'",
                     "has no equivalent");
  expect_unsupported(
      11, 13,
      "y = Resize(x, s, s) {coordinate_transformation_mode=\"tf_half_pixel_for_nn\"} \"resize\"",
      "'resize'", "tf_half_pixel_for_nn");
  expect_unsupported(10, 13, "y = Clip(free) {min=0.0} \"clip\"", "'clip'",
                     "the element type of its input 'free' is not known");
}

}  // namespace
}  // namespace octavo
