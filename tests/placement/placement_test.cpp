#include "placement/placement.h"

#include <gtest/gtest.h>

#include <string>

#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

// "conv:quantized relu:absorbed": every node's decision, in graph order.
std::string decisions(const Placement& placement) {
  std::string text;
  for (const NodePlacement& node : placement.nodes) {
    constexpr const char* kWords[] = {"quantized", "absorbed", "float"};
    if (!text.empty()) text += " ";
    text += node.node + ":" + kWords[static_cast<int>(node.decision)];
  }
  return text;
}

// "x z=m": tensors that carry codes, groups joined by '='; '~' marks one that keeps a float form.
std::string carried(const Placement& placement) {
  std::string text;
  for (std::size_t group = 0; group < placement.groups.size(); ++group) {
    std::string members;
    for (const QuantizedActivation& activation : placement.activations) {
      if (activation.group != group) continue;
      if (!members.empty()) members += "=";
      members += activation.tensor;
      if (activation.float_form == FloatForm::kAvailable) members += "~";
    }
    text += (text.empty() ? "" : " ") + members;
  }
  return text;
}

Placement placed(std::string_view text, const PlacementOptions& options = {},
                 std::string_view target = "onnxruntime-x86") {
  const Model model = testing::parse_graph(text);
  return place(Graph(model.proto().graph()), load_profile(target), options);
}

TEST(Placement, ConvReluCarriesCodesAfterTheRelu) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[4,3,3,3] = random(1)
    const b: float32[4] = random(2)
    c = Conv(x, w, b) "conv"
    y = Relu(c) "relu"
    output y: float32[N,4,6,6]
  )");
  EXPECT_EQ(decisions(placement), "conv:quantized relu:absorbed");
  EXPECT_EQ(carried(placement), "x~ y");
  ASSERT_EQ(placement.constants.size(), 1u);
  EXPECT_EQ(placement.constants[0].axis, 0);
  ASSERT_EQ(placement.biases.size(), 1u);
  EXPECT_EQ(placement.biases[0].activation, "x");
  EXPECT_EQ(placement.observed_tensors(), (std::vector<std::string>{"x", "y"}));
}

TEST(Placement, AReluThatSomebodyElseReadsBeforeIsNotAbsorbed) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[4,3,3,3] = random(1)
    c = Conv(x, w) "conv"
    y = Relu(c) "relu"
    s = Sqrt(c) "sqrt"
    output y: float32[N,4,6,6]
    output s: float32[N,4,6,6]
  )");
  EXPECT_EQ(decisions(placement), "conv:quantized relu:float sqrt:float");
  EXPECT_EQ(carried(placement), "x~ c");
}

TEST(Placement, AClipAwayFromZeroIsNotAbsorbed) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[4,3,3,3] = random(1)
    const low: float32[] = 1
    const high: float32[] = 6
    c = Conv(x, w) "conv"
    y = Clip(c, low, high) "clip"
    output y: float32[N,4,6,6]
  )");
  EXPECT_EQ(decisions(placement), "conv:quantized clip:float");
}

TEST(Placement, AClipBoundThatIsNotOneNumberIsRefused) {
  const auto place_with_bound = [](const std::string& bound) {
    return placed("opset 13\ninput x: float32[N,3,8,8]\nconst w: float32[4,3,3,3] = random(1)\n" +
                  bound +
                  "c = Conv(x, w) \"conv\"\ny = Clip(c, low) \"clip\"\n"
                  "output y: float32[N,4,6,6]\n");
  };
  EXPECT_EQ(decisions(place_with_bound("const low: float32[1] = -1\n")),
            "conv:quantized clip:absorbed");
  EXPECT_OCTAVO_ERROR(place_with_bound("const low: float32[4,0] =\n"), ErrorCode::kInvalidModel,
                      "node 'clip' (Clip): input 1 'low' has shape [4, 0], expected one number");
  EXPECT_OCTAVO_ERROR(place_with_bound("const low: float32[2] = -1 0\n"), ErrorCode::kInvalidModel,
                      "'low' has shape [2]", "expected one number");
}

TEST(Placement, AResidualAddIsQuantizedOnBothInputs) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4,8,8]
    const w: float32[4,4,1,1] = random(1)
    a = Conv(x, w) "conv1"
    r = Relu(a) "relu1"
    c = Conv(r, w) "conv2"
    s = Add(c, r) "add"
    t = Relu(s) "relu2"
    y = Conv(t, w) "conv3"
    output y: float32[N,4,8,8]
  )");
  EXPECT_EQ(decisions(placement),
            "conv1:quantized relu1:absorbed conv2:quantized add:quantized relu2:absorbed "
            "conv3:quantized");
  EXPECT_EQ(carried(placement), "x~ r c t y");
}

TEST(Placement, MovedValuesShareOneScaleAndOneObservation) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4,8,8]
    const w: float32[4,4,1,1] = random(1)
    a = Conv(x, w) "conv1"
    m = MaxPool(a) {kernel_shape=[2,2]} "pool"
    y = Conv(m, w) "conv2"
    output y: float32[N,4,8,8]
  )");
  EXPECT_EQ(decisions(placement), "conv1:quantized pool:quantized conv2:quantized");
  EXPECT_EQ(carried(placement), "x~ a=m y");
  EXPECT_EQ(placement.observed_tensors(), (std::vector<std::string>{"x", "a", "y"}));
}

TEST(Placement, ATransposeBeforeTheFirstConvMovesCodes) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,8,8,3]
    const w: float32[4,3,3,3] = random(1)
    t = Transpose(x) {perm=[0,3,1,2]} "transpose"
    y = Conv(t, w) "conv"
    output y: float32[N,4,6,6]
  )");
  EXPECT_EQ(decisions(placement), "transpose:quantized conv:quantized");
  EXPECT_EQ(carried(placement), "x~=t y");
}

TEST(Placement, WhatNothingQuantizedReadsIsTakenBack) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[4,3,3,3] = random(1)
    c = Conv(x, w) "conv"
    g = GlobalAveragePool(c) "pool"
    y = Flatten(g) "flatten"
    output y: float32[N,4]
  )");
  EXPECT_EQ(decisions(placement), "conv:quantized pool:float flatten:float");
  EXPECT_EQ(placement.node("pool").reason, "nothing quantized reads its result");
}

TEST(Placement, TheLastGemmHasAFloatResult) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4]
    const w: float32[4,8] = random(1)
    const v: float32[8,2] = random(2)
    h = Gemm(x, w) "gemm1"
    r = Relu(h) "relu"
    y = Gemm(r, v) "gemm2"
    output y: float32[N,2]
  )");
  EXPECT_EQ(decisions(placement), "gemm1:quantized relu:absorbed gemm2:quantized");
  EXPECT_EQ(carried(placement), "x~ r");
  EXPECT_EQ(placement.constants[0].axis, 1);
}

TEST(Placement, AFixedRangeNeedsNoObservation) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4,8,8]
    const w: float32[4,4,1,1] = random(1)
    a = Conv(x, w) "conv1"
    s = Sigmoid(a) "sigmoid"
    m = Mul(a, s) "mul"
    y = Conv(m, w) "conv2"
    output y: float32[N,4,8,8]
  )");
  EXPECT_EQ(decisions(placement),
            "conv1:quantized sigmoid:quantized mul:quantized conv2:quantized");
  EXPECT_EQ(placement.observed_tensors(), (std::vector<std::string>{"x", "a", "m", "y"}));
}

TEST(Placement, ConcatWishesForEqualScales) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4,8,8]
    const w: float32[4,4,1,1] = random(1)
    const v: float32[4,8,1,1] = random(1)
    a = Conv(x, w) "conv1"
    b = Conv(x, w) "conv2"
    j = Concat(a, b) {axis=1} "concat"
    y = Conv(j, v) "conv3"
    output y: float32[N,4,8,8]
  )");
  EXPECT_EQ(carried(placement), "x~ a b j y");
  ASSERT_EQ(placement.equal_scale_wishes.size(), 1u);
  EXPECT_EQ(placement.equal_scale_wishes[0].groups, (std::vector<std::size_t>{1, 2, 3}));
}

TEST(Placement, ConstantOperandsAreCodesToo) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4,8,8]
    const w: float32[4,4,1,1] = random(1)
    const three: float32[] = 3
    a = Conv(x, w) "conv1"
    s = Add(a, three) "add"
    y = Conv(s, w) "conv2"
    output y: float32[N,4,8,8]
  )");
  ASSERT_EQ(placement.constants.size(), 3u);
  EXPECT_EQ(placement.constants[1].tensor, "three");
  EXPECT_EQ(placement.constants[1].kind, QuantizedConstant::Kind::kOperand);
}

TEST(Placement, RefusalsSayWhy) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4]
    input w: float32[4,4]
    const v: float32[4,4] = random(1)
    const b: float32[4] = random(2)
    a = Gemm(x, v, b) {alpha=0.5} "scaled"
    c = Gemm(x, w) "computed"
    s = Softmax(a) "softmax"
    y = Add(s, c) "add"
    output y: float32[N,4]
  )");
  EXPECT_EQ(decisions(placement), "scaled:float computed:float softmax:float add:float");
  EXPECT_EQ(placement.node("scaled").reason, "alpha or beta differs from 1");
  EXPECT_EQ(placement.node("computed").reason, "weight 'w' is computed, not constant");
  EXPECT_EQ(placement.node("softmax").reason, "Softmax has no integer form on onnxruntime-x86");
  EXPECT_EQ(placement.node("add").reason, "no quantized neighbour");
}

TEST(Placement, ArithmeticOnShapesSaysSo) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4]
    input ids: int64[N]
    const table: float32[8,4] = random(1)
    const four: int64[1] = 4
    const first: int64[1] = 0
    const second: int64[1] = 1
    s = Shape(x) "shape"
    n = Slice(s, first, second) "rows"
    t = Concat(n, four) {axis=0} "target"
    e = Gather(table, ids) "embedding"
    r = Reshape(e, t) "reshape"
    q = Equal(ids, ids) "equal"
    y = Sin(r) "sin"
    output y: float32[N,4]
    output q: bool[N]
  )");
  for (const char* node : {"shape", "rows", "target", "equal"}) {
    EXPECT_EQ(placement.node(node).reason, "it computes on whole numbers, which need no codes")
        << node;
  }
  EXPECT_EQ(placement.node("embedding").reason, "it reads the constant 'table', and no activation");
  EXPECT_EQ(placement.node("reshape").reason, "no quantized neighbour");
  EXPECT_EQ(placement.node("sin").reason, "Sin has no integer form on onnxruntime-x86");
}

TEST(Placement, AnActivationBehindAFloatOperatorNamesItsOperand) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4]
    s = Sin(x) "sin"
    y = Relu(s) "relu"
    output y: float32[N,4]
  )");
  EXPECT_EQ(
      placement.node("relu").reason,
      "Relu runs on integers only where it ends an operator that makes codes, and 's' is made "
      "in float");
}

TEST(Placement, WhatTheUserExcludesStaysFloat) {
  PlacementOptions options;
  options.keep_float["conv1"] = "excluded by 'conv1'";
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4,8,8]
    const w: float32[4,4,1,1] = random(1)
    a = Conv(x, w) "conv1"
    y = Conv(a, w) "conv2"
    output y: float32[N,4,8,8]
  )",
                                     options);
  EXPECT_EQ(decisions(placement), "conv1:float conv2:quantized");
  EXPECT_EQ(carried(placement), "a~ y");
  EXPECT_EQ(placement.node("conv1").reason, "excluded by 'conv1'");
}

TEST(Placement, AttentionMultipliesTwoActivations) {
  const Placement placement = placed(R"(
    opset 13
    input q: float32[N,8,4]
    input k: float32[N,4,8]
    s = MatMul(q, k) "scores"
    y = Softmax(s) "softmax"
    output y: float32[N,8,8]
  )");
  EXPECT_EQ(decisions(placement), "scores:quantized softmax:float");
  EXPECT_EQ(carried(placement), "q~ k~");
  EXPECT_TRUE(placement.constants.empty());
}

constexpr std::string_view kResidualBlock = R"(
  opset 13
  input x: float32[N,4,8,8]
  const w1: float32[4,4,3,3] = random(1)
  const w2: float32[4,4,3,3] = random(2)
  const w3: float32[4,4,3,3] = random(3)
  c1 = Conv(x, w1) {pads=[1,1,1,1]} "conv1"
  r1 = Relu(c1) "relu1"
  c2 = Conv(r1, w2) {pads=[1,1,1,1]} "conv2"
  a = Add(c2, r1) "add"
  r2 = Relu(a) "relu2"
  y = Conv(r2, w3) {pads=[1,1,1,1]} "conv3"
  output y: float32[N,4,8,8]
)";

// The Add runs inside conv2's kernel: conv2's own result never becomes codes, the residual does,
// and so does what comes out of the fused group. The last result stays float.
TEST(Placement, TensorrtQuantizesTheResidualAndNotTheFusedBranch) {
  const Placement placement = placed(kResidualBlock, {}, "tensorrt");
  EXPECT_EQ(carried(placement), "x~ r1 r2");
  EXPECT_EQ(decisions(placement),
            "conv1:quantized relu1:absorbed conv2:quantized add:quantized relu2:absorbed "
            "conv3:quantized");
  EXPECT_TRUE(placement.biases.empty());
}

TEST(Placement, OnnxruntimeQuantizesBothBranches) {
  EXPECT_EQ(carried(placed(kResidualBlock)), "x~ r1 c2 r2 y");
}

// Two convolutions into one Add: one of them is fused, the other is the residual.
TEST(Placement, TensorrtFusesOneOfTwoBranches) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4,8,8]
    const w1: float32[4,4,1,1] = random(1)
    const w2: float32[4,4,1,1] = random(2)
    const w3: float32[4,4,1,1] = random(3)
    a = Conv(x, w1) "conv1"
    b = Conv(x, w2) "conv2"
    s = Add(a, b) "add"
    y = Conv(s, w3) "conv3"
    output y: float32[N,4,8,8]
  )",
                                     {}, "tensorrt");
  EXPECT_EQ(carried(placement), "x~ b s");
}

// A branch that something else reads too cannot vanish into the fused kernel.
TEST(Placement, TensorrtDoesNotFuseABranchWithTwoReaders) {
  const Placement placement = placed(R"(
    opset 13
    input x: float32[N,4,8,8]
    const w1: float32[4,4,1,1] = random(1)
    const w2: float32[4,4,1,1] = random(2)
    a = Conv(x, w1) "conv1"
    s = Add(a, x) "add"
    y = Conv(s, w2) "conv2"
    output y: float32[N,4,8,8]
    output a: float32[N,4,8,8]
  )",
                                     {}, "tensorrt");
  EXPECT_EQ(carried(placement), "x~ a s");
}

}  // namespace
}  // namespace octavo
