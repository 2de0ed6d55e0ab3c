// Structures that real networks hold, each through every target: the result runs, is close to the
// float model, and under ONNX Runtime's profile what should be integer is.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cctype>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "octavo/evaluation.h"
#include "octavo/executor.h"
#include "octavo/quantize.h"
#include "placement/profile.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

constexpr double kLeastSqnr = 20;  // dB, the bound for 8 bits per channel

struct Structure {
  const char* name;
  Shape shape;  // of the input, batch 1
  // Nodes, by their name in the prepared model, that onnxruntime-x86 runs on integers.
  std::set<std::string> quantized;
  std::string_view text;
};

const std::vector<Structure>& structures() {
  static const std::vector<Structure> kAll = {
      {"ConvTranspose", {1, 4, 6, 6}, {"conv", "after"}, R"(
        opset 13
        input x: float32[N,4,6,6]
        const w: float32[4,4,3,3] = random(1)
        const u: float32[4,3,2,2] = random(2)
        const v: float32[2,3,1,1] = random(3)
        c = Conv(x, w) {pads=[1,1,1,1]} "conv"
        t = ConvTranspose(c, u) {strides=[2,2]} "up"
        y = Conv(t, v) "after"
        output y: float32[N,2,12,12]
      )"},
      {"GemmTransposed", {4, 4}, {"gemm", "straight"}, R"(
        opset 13
        input x: float32[4,4]
        const w: float32[6,4] = random(1)
        const b: float32[6] = random(2)
        const v: float32[6,3] = random(3)
        h = Gemm(x, w, b) {transB=1} "gemm"
        r = Relu(h) "relu"
        y = Gemm(r, v) "straight"
        output y: float32[4,3]
      )"},
      {"MatMulAddBias", {1, 8, 16}, {"up/MatMul", "down/MatMul"}, R"(
        opset 13
        input x: float32[1,8,16]
        const w: float32[16,32] = random(1)
        const b: float32[32] = random(2)
        const v: float32[32,16] = random(3)
        m = MatMul(x, w) "up/MatMul"
        a = Add(m, b) "up/Add"
        r = Relu(a) "relu"
        y = MatMul(r, v) "down/MatMul"
        output y: float32[1,8,16]
      )"},
      {"Attention", {1, 8, 16}, {"q", "k", "v", "o"}, R"(
        opset 13
        input x: float32[1,8,16]
        const wq: float32[16,16] = random(1, -0.3, 0.3)
        const wk: float32[16,16] = random(2, -0.3, 0.3)
        const wv: float32[16,16] = random(3)
        const wo: float32[16,16] = random(4)
        q = MatMul(x, wq) "q"
        k = MatMul(x, wk) "k"
        v = MatMul(x, wv) "v"
        t = Transpose(k) {perm=[0,2,1]} "transpose"
        s = MatMul(q, t) "scores"
        p = Softmax(s) {axis=-1} "softmax"
        c = MatMul(p, v) "context"
        y = MatMul(c, wo) "o"
        output y: float32[1,8,16]
      )"},
      {"LayerNormAndGelu", {1, 8, 16}, {"up", "down"}, R"(
        opset 17
        input x: float32[1,8,16]
        const g: float32[16] = random(1, 0.5, 1.5)
        const b: float32[16] = random(2)
        const w: float32[16,32] = random(3, -0.4, 0.4)
        const v: float32[32,16] = random(4)
        const root: float32[] = 1.41421356
        const one: float32[] = 1.0
        const half: float32[] = 0.5
        n = LayerNormalization(x, g, b) {axis=-1} "norm"
        u = MatMul(n, w) "up"
        d = Div(u, root) "divide"
        e = Erf(d) "erf"
        s = Add(e, one) "plus"
        m = Mul(u, s) "gate"
        h = Mul(m, half) "half"
        y = MatMul(h, v) "down"
        output y: float32[1,8,16]
      )"},
      {"HardSwishAndSqueezeExcite", {1, 8, 8, 8}, {"conv", "reduce", "expand", "project"}, R"(
        opset 14
        input x: float32[N,8,8,8]
        const w: float32[8,8,1,1] = random(1)
        const r: float32[2,8,1,1] = random(2)
        const e: float32[8,2,1,1] = random(3)
        const p: float32[4,8,1,1] = random(4)
        c = Conv(x, w) "conv"
        h = HardSwish(c) "swish"
        g = GlobalAveragePool(h) "squeeze"
        a = Conv(g, r) "reduce"
        b = Relu(a) "relu"
        d = Conv(b, e) "expand"
        s = HardSigmoid(d) {alpha=0.16666667, beta=0.5} "gate"
        m = Mul(h, s) "excite"
        y = Conv(m, p) "project"
        output y: float32[N,4,8,8]
      )"},
      {"PRelu", {1, 4, 6, 6}, {"one", "two"}, R"(
        opset 13
        input x: float32[N,4,6,6]
        const w: float32[4,4,1,1] = random(1)
        const slope: float32[4,1,1] = random(2, 0.1, 0.4)
        const v: float32[4,4,1,1] = random(3)
        a = Conv(x, w) "one"
        b = PRelu(a, slope) "prelu"
        y = Conv(b, v) "two"
        output y: float32[N,4,6,6]
      )"},
      {"ResizePadSplit", {1, 4, 6, 6}, {"one", "resize", "pad", "split", "two", "three"}, R"(
        opset 13
        input x: float32[N,4,6,6]
        const w: float32[4,4,1,1] = random(1)
        const scales: float32[4] = 1.0 1.0 2.0 2.0
        const pads: int64[8] = 0 0 1 1 0 0 1 1
        const halves: int64[2] = 2 2
        const v: float32[2,2,3,3] = random(2)
        const u: float32[2,2,3,3] = random(3)
        a = Conv(x, w) "one"
        b = Resize(a, _, scales) {coordinate_transformation_mode="asymmetric", mode="nearest", nearest_mode="floor"} "resize"
        c = Pad(b, pads) "pad"
        d, e = Split(c, halves) {axis=1} "split"
        f = Conv(d, v) "two"
        g = Conv(e, u) "three"
        y = Add(f, g) "add"
        output y: float32[N,2,12,12]
      )"},
      {"GatherAndSlice", {1, 4, 6, 6}, {"one", "gather", "two"}, R"(
        opset 13
        input x: float32[N,4,6,6]
        const w: float32[4,4,1,1] = random(1)
        const order: int64[4] = 2 0 3 1
        const v: float32[4,4,1,1] = random(2)
        a = Conv(x, w) "one"
        b = Gather(a, order) {axis=1} "gather"
        y = Conv(b, v) "two"
        output y: float32[N,4,6,6]
      )"},
      {"GlobalAveragePool", {1, 4, 6, 6}, {"one", "average", "two"}, R"(
        opset 13
        input x: float32[N,4,6,6]
        const w: float32[16,4,1,1] = random(1)
        const v: float32[4,16,1,1] = random(2)
        a = Conv(x, w) "one"
        b = GlobalAveragePool(a) "average"
        y = Conv(b, v) "two"
        output y: float32[N,4,1,1]
      )"},
      {"ConstantsUsedTwice", {1, 4, 6, 6}, {"one", "two", "add"}, R"(
        opset 13
        input x: float32[N,4,6,6]
        const w: float32[4,4,1,1] = random(1)
        const b: float32[4] = random(2)
        a = Conv(x, w, b) "one"
        c = Conv(a, w, b) "two"
        s = Add(a, c) "add"
        y = Conv(s, w, b) "three"
        output y: float32[N,4,6,6]
      )"},
      {"ClipWithTensorBounds", {1, 4, 6, 6}, {"one", "two"}, R"(
        opset 13
        input x: float32[N,4,6,6]
        const w: float32[4,4,1,1] = random(1)
        const low: float32[] = 0.0
        const high: float32[] = 2.0
        const v: float32[4,4,1,1] = random(2)
        a = Conv(x, w) "one"
        b = Clip(a, low, high) "clip"
        y = Conv(b, v) "two"
        output y: float32[N,4,6,6]
      )"},
      {"WeightsBehindOtherNodes", {1, 4, 6, 6}, {"one", "two", "head"}, R"(
        opset 13
        input x: float32[N,4,6,6]
        const w: float32[4,1,1,4] = random(1)
        const flat: float32[16] = random(2)
        const shape: int64[4] = 4 4 1 1
        const u: float32[3,144] = random(3)
        wt = Transpose(w) {perm=[0,3,1,2]} "moved"
        wr = Reshape(flat, shape) "shaped"
        wi = Identity(wr) "same"
        ut = Transpose(u) {perm=[1,0]} "turned"
        a = Conv(x, wt) "one"
        b = Conv(a, wi) "two"
        f = Flatten(b) "flatten"
        y = MatMul(f, ut) "head"
        output y: float32[N,3]
      )"},
      {"BoxesBesideScores", {1, 4, 6, 6}, {"boxes", "scores", "concat", "head"}, R"(
        opset 13
        input x: float32[N,4,6,6]
        const wide: float32[4,4,1,1] = random(1, -50, 50)
        const narrow: float32[4,4,1,1] = random(2, -0.05, 0.05)
        const v: float32[8,8,1,1] = random(3)
        a = Conv(x, wide) "boxes"
        b = Conv(x, narrow) "scores"
        j = Concat(a, b) {axis=1} "concat"
        y = Conv(j, v) "head"
        output y: float32[N,8,6,6]
      )"},
      {"GroupedAndDepthwise", {1, 8, 6, 6}, {"depthwise", "grouped"}, R"(
        opset 13
        input x: float32[N,8,6,6]
        const w: float32[8,1,3,3] = random(1)
        const v: float32[8,4,1,1] = random(2)
        a = Conv(x, w) {group=8, pads=[1,1,1,1]} "depthwise"
        b = Relu(a) "relu"
        y = Conv(b, v) {group=2} "grouped"
        output y: float32[N,8,6,6]
      )"},
      {"NhwcTransposes", {1, 6, 6, 4}, {"in", "one", "out"}, R"(
        opset 13
        input x: float32[N,6,6,4]
        const w: float32[8,4,3,3] = random(1)
        const v: float32[8,4] = random(2)
        t = Transpose(x) {perm=[0,3,1,2]} "in"
        a = Conv(t, w) "one"
        u = Transpose(a) {perm=[0,2,3,1]} "out"
        y = MatMul(u, v) "pointwise"
        output y: float32[N,4,4,4]
      )"},
      {"BodyOfIf", {1, 4, 6, 6}, {"one", "two"}, R"(
        opset 13
        input x: float32[N,4,6,6]
        const w: float32[4,4,1,1] = random(1)
        const v: float32[4,4,1,1] = random(2)
        const zero: float32[] = 0.0
        a = Conv(x, w) "one"
        s = ReduceSum(a) {keepdims=0} "sum"
        c = Greater(s, zero) "positive"
        b = If(c) "choice"
        begin then_branch
          p = Relu(a) "kept"
          output p: float32
        end
        begin else_branch
          m = Neg(a) "turned"
          output m: float32
        end
        y = Conv(b, v) "two"
        output y: float32[N,4,6,6]
      )"},
      {"BodyOfLoop", {1, 4, 6, 6}, {"one", "two"}, R"(
        opset 13
        input x: float32[N,4,6,6]
        const w: float32[4,4,1,1] = random(1)
        const v: float32[4,4,1,1] = random(2)
        const times: int64[] = 3
        const going: bool[] = 1
        a = Conv(x, w) "one"
        b = Loop(times, going, a) "again"
        begin body
          input i: int64[]
          input on: bool[]
          input before: float32[N,4,6,6]
          const half: float32[] = 0.5
          const bias: float32[] = 0.25
          go = Identity(on) "go"
          scaled = Mul(before, half) "scaled"
          after = Add(scaled, bias) "after"
          output go: bool[]
          output after: float32[N,4,6,6]
        end
        y = Conv(b, v) "two"
        output y: float32[N,4,6,6]
      )"},
  };
  return kAll;
}

struct Case {
  const Structure* structure;
  std::string target;
  std::optional<DType> dtype = std::nullopt;  // of activations and weights; none: the target's own

  std::string name() const {
    return target + (dtype ? fmt::format(" in {}", traits(*dtype).name) : "");
  }
};

// What a failure calls it.
void PrintTo(const Case& entry, std::ostream* stream) {
  *stream << entry.structure->name << " for " << entry.name();
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Structure& structure : structures()) {
    for (const ShippedProfile& profile : shipped_profiles()) {
      all.push_back({&structure, std::string(profile.name)});
    }
    all.push_back({&structure, "onnxruntime-x86,openvino"});
    all.push_back({&structure, "tensorrt", DType::kFloat8E4m3});
  }
  return all;
}

class Structures : public ::testing::TestWithParam<Case> {};

TEST_P(Structures, RunAndStayCloseToTheFloatModel) {
  const auto& [structure, target, dtype] = GetParam();
  const Model model = testing::parse_graph(structure->text);
  const testing::NoiseDataset data(structure->shape, 16);
  QuantizeOptions options;
  options.target = target;
  options.recipe.activation_dtype = dtype;
  options.recipe.weight_dtype = dtype;
  const QuantizeResult result = quantize_model(model, data, options);
  std::set<std::string> quantized;
  for (const NodeOutcome& node : result.nodes) {
    if (node.decision == "quantized") quantized.insert(node.name);
    EXPECT_FALSE(node.reason.empty()) << node.name;
  }
  if (target == "onnxruntime-x86") {
    for (const std::string& node : structure->quantized)
      EXPECT_TRUE(quantized.contains(node)) << node;
  }
  EvaluationOptions evaluation;
  evaluation.latency_seconds = 0;
  evaluation.metrics = {"sqnr"};
  const std::vector<EvaluatedModel> models = {{"float", &model, 1}, {"codes", &result.model, 1}};
  const EvaluationReport report =
      evaluate_models(models, data, *make_executor("onnxruntime"), evaluation);
  EXPECT_GT(report.models[1].metric("sqnr").value(), kLeastSqnr);
}

INSTANTIATE_TEST_SUITE_P(All, Structures, ::testing::ValuesIn(cases()), [](const auto& entry) {
  std::string text = std::string(entry.param.structure->name) + "_" + entry.param.name();
  for (char& c : text) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return text;
});

}  // namespace
}  // namespace octavo
