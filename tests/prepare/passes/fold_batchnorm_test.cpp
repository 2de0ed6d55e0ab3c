#include "prepare/passes/fold_batchnorm.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "onnx/onnx-ml.pb.h"
#include "prepare/pass_testing.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

using testing::expect_no_match;
using testing::expect_pass;
using testing::expect_refused;

TEST(FoldBatchnorm, ScalesWeightsAndMakesABias) {
  // scale / sqrt(variance + 0) is {2, -1}: exact numbers, to be checked by eye.
  expect_pass("fold_batchnorm", R"(opset 13
input x: float32[N,1,4,4]
const w: float32[2,1,1,2] = 1 2 3 4
const g: float32[2] = 4 -1
const b: float32[2] = 10 20
const m: float32[2] = 1 2
const v: float32[2] = 4 1
c = Conv(x, w) {pads=[0,1,0,0]} "conv"
y = BatchNormalization(c, g, b, m, v) {epsilon=0.0} "bn"
output y: float32[N,2,4,4]
)",
              R"(opset 13
input x: float32[N,1,4,4]
const w: float32[2,1,1,2] = 2 4 -3 -4
const g: float32[2] = 4 -1
const b: float32[2] = 10 20
const m: float32[2] = 1 2
const v: float32[2] = 4 1
const conv_bias: float32[2] = 8 22
y = Conv(x, w, conv_bias) {pads=[0,1,0,0]} "conv"
output y: float32[N,2,4,4]
)");
}

TEST(FoldBatchnorm, MovesTheBiasAndDropsTheInnerShape) {
  expect_pass("fold_batchnorm", R"(opset 13
input x: float32[N,1,2,2]
const w: float32[1,1,1,1] = 3
const a: float32[1] = 5
const g: float32[1] = 4
const b: float32[1] = 10
const m: float32[1] = 1
const v: float32[1] = 4
value c: float32[N,1,2,2]
c = Conv(x, w, a)
y = BatchNormalization(c, g, b, m, v) {epsilon=0.0}
output y: float32[N,1,2,2]
)",
              R"(opset 13
input x: float32[N,1,2,2]
const w: float32[1,1,1,1] = 6
const a: float32[1] = 18
const g: float32[1] = 4
const b: float32[1] = 10
const m: float32[1] = 1
const v: float32[1] = 4
y = Conv(x, w, a)
output y: float32[N,1,2,2]
)");
}

// A random layer and its normalization; the executor tells whether the numbers are right.
void expect_folds(std::string_view layer, std::string_view input, std::string_view weights,
                  std::string_view channels) {
  const auto text = fmt::format(R"(opset 13
input x: float32[{0}]
const w: float32[{1}] = random(1)
const a: float32[{2}] = random(2)
const g: float32[{2}] = random(3)
const b: float32[{2}] = random(4)
const m: float32[{2}] = random(5)
const v: float32[{2}] = random(6, 0.1, 2)
c = {3}
y = BatchNormalization(c, g, b, m, v) {{epsilon=0.001}}
output y: float32
)",
                                input, weights, channels, layer);
  SCOPED_TRACE(text);
  const Model model = testing::parse_graph(text);
  const PreparedModel folded = testing::run_only(model, "fold_batchnorm");
  EXPECT_EQ(folded.passes.front().changes.size(), 1U);
  EXPECT_EQ(folded.model.proto().graph().node_size(), 1);
  testing::expect_same_outputs(model, folded.model);
}

TEST(FoldBatchnorm, FoldsIntoEveryKindOfLayer) {
  expect_folds("Conv(x, w, a) {group=2}", "N,4,5", "6,2,3", "6");
  expect_folds("Conv(x, w)", "N,2,4,4,4", "3,2,2,2,2", "3");
  expect_folds("ConvTranspose(x, w, a)", "N,2,4,4", "2,3,3,3", "3");
  expect_folds("ConvTranspose(x, w, a) {group=2}", "N,4,4,4", "4,3,3,2", "6");
  expect_folds("Gemm(x, w, a) {beta=0.5, alpha=2.0}", "N,4", "4,3", "3");
  expect_folds("Gemm(x, w, a) {transB=1}", "N,4", "3,4", "3");
  expect_folds("Gemm(x, w)", "N,4", "4,3", "3");
  expect_folds("MatMul(x, w)", "N,4", "4,3", "3");
}

TEST(FoldBatchnorm, LeavesWeightsThatAnotherNodeReads) {
  expect_pass("fold_batchnorm", R"(opset 13
input x: float32[N,1,2,2]
const w: float32[1,1,1,1] = 3
const one: float32[1] = 1
const four: float32[1] = 4
c = Conv(x, w) "first"
d = Conv(x, w) "second"
e = BatchNormalization(c, four, one, one, four) {epsilon=0.0}
y = Add(d, e)
output y: float32[N,1,2,2]
)",
              R"(opset 13
input x: float32[N,1,2,2]
const w: float32[1,1,1,1] = 3
const one: float32[1] = 1
const four: float32[1] = 4
const first_bias: float32[1] = -1
const w_folded: float32[1,1,1,1] = 6
e = Conv(x, w_folded, first_bias) "first"
d = Conv(x, w) "second"
y = Add(d, e)
output y: float32[N,1,2,2]
)");
}

constexpr std::string_view kLayer = R"(opset 13
input x: float32[N,1,2,2]
input p: float32[2]
const w: float32[2,1,1,1] = 3 4
const s: float32[2] = 1 2
const three: float32[3] = 1 2 3
const huge: float32[2] = 3e38 1
)";

void expect_layer_refused(std::string_view nodes, std::string_view reason) {
  expect_refused("fold_batchnorm", std::string(kLayer) + std::string(nodes), "bn", reason);
}

TEST(FoldBatchnorm, RefusesAResultThatIsReadElsewhere) {
  expect_layer_refused(
      "c = Conv(x, w)\ny = BatchNormalization(c, s, s, s, s) \"bn\"\nz = Relu(c)\n"
      "output y: float32\noutput z: float32\n",
      "'c' is read elsewhere too");
  expect_layer_refused(
      "c = Conv(x, w)\ny = BatchNormalization(c, s, s, s, s) \"bn\"\n"
      "output y: float32\noutput c: float32\n",
      "or is an output");
}

TEST(FoldBatchnorm, RefusesAResultThatABodyReads) {
  expect_layer_refused(R"(const yes: bool[] = 1
c = Conv(x, w)
y = BatchNormalization(c, s, s, s, s) "bn"
z = If(yes)
  begin then_branch
    t = Relu(c)
    output t: float32
  end
  begin else_branch
    e = Neg(c)
    output e: float32
  end
output y: float32
output z: float32
)",
                       "'c' is read elsewhere too");
}

TEST(FoldBatchnorm, RefusesTraining) {
  expect_refused("fold_batchnorm", R"(opset 14
input x: float32[N,1,2,2]
const w: float32[1,1,1,1] = 3
const s: float32[1] = 1
c = Conv(x, w)
y, _, _ = BatchNormalization(c, s, s, s, s) {training_mode=1} "bn"
output y: float32
)",
                 "bn", "training mode");
  expect_layer_refused(
      "c = Conv(x, w)\ny, mean = BatchNormalization(c, s, s, s, s) \"bn\"\noutput y: float32\n",
      "training mode");
}

TEST(FoldBatchnorm, RefusesWhatIsNotConstant) {
  expect_layer_refused(
      "c = Conv(x, w)\ny = BatchNormalization(c, s, p, s, s) \"bn\"\noutput y: float32\n",
      "parameter 'p' is not constant");
  expect_layer_refused(
      "v = Relu(w)\nc = Conv(x, v)\ny = BatchNormalization(c, s, s, s, s) \"bn\"\n"
      "output y: float32\n",
      "weights 'v' of node with output 'c' (Conv) are not constant");
  expect_layer_refused(
      "c = Conv(x, w, p)\ny = BatchNormalization(c, s, s, s, s) \"bn\"\noutput y: float32\n",
      "bias 'p' of node with output 'c' (Conv) is not one constant a channel");
}

TEST(FoldBatchnorm, RefusesParametersThatDoNotFit) {
  expect_layer_refused(
      "c = Conv(x, w)\ny = BatchNormalization(c, three, three, three, three) \"bn\"\n"
      "output y: float32\n",
      "it has 3 channels");
  expect_layer_refused(
      "c = Conv(x, w)\ny = BatchNormalization(c, s, three, s, s) \"bn\"\noutput y: float32\n",
      "differ in size");
  expect_layer_refused(
      "c = Conv(x, w)\ny = BatchNormalization(c, huge, s, s, s) \"bn\"\noutput y: float32\n",
      "leave their type's range");
}

TEST(FoldBatchnorm, RefusesAProductThatIsNoMatrix) {
  expect_refused("fold_batchnorm", R"(opset 13
input x: float32[N,2,4]
const w: float32[4,2] = random(1)
const s: float32[2] = 1 2
c = MatMul(x, w)
y = BatchNormalization(c, s, s, s, s) "bn"
output y: float32
)",
                 "bn", "not known to be a matrix");
}

TEST(FoldBatchnorm, IgnoresOtherProducersAndDomains) {
  expect_no_match("fold_batchnorm", std::string(kLayer) +
                                        "c = Relu(x)\n"
                                        "y = BatchNormalization(c, s, s, s, s) \"bn\"\n"
                                        "output y: float32\n");
  expect_no_match("fold_batchnorm", std::string(kLayer) +
                                        "c = custom.Conv(x, w)\n"
                                        "y = BatchNormalization(c, s, s, s, s) \"bn\"\n"
                                        "output y: float32\n");
}

}  // namespace
}  // namespace octavo
