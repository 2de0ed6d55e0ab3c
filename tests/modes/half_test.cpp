#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "calibration/tensor_statistics.h"
#include "modes/rewritten_text.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

Recipe recipe_of(Mode mode) {
  Recipe recipe;
  recipe.mode = mode;
  return recipe;
}

HalfPlan selected(const Model& model, const Recipe& recipe = recipe_of(Mode::kFloat16),
                  const Statistics* statistics = nullptr, std::string_view target = "openvino") {
  const Graph graph(model.proto().graph());
  return select_half(graph, load_profile(target), recipe, statistics);
}

std::string rewritten(std::string_view text, const Recipe& recipe = recipe_of(Mode::kFloat16)) {
  const Model model = testing::parse_graph(text);
  return testing::text_without_values(write_half(model, selected(model, recipe)));
}

TEST(Half, InputsAndOutputsStayFloat) {
  constexpr std::string_view kText = R"(
    opset 13
    input x: float32[N,4]
    const w: float32[4,8] = random(1)
    const b: float32[8] = random(2)
    p = MatMul(x, w) "product"
    s = Add(p, b) "bias"
    y = Relu(s) "relu"
    output y: float32[N,8]
  )";
  EXPECT_EQ(rewritten(kText), R"(opset 13
input x: float32[N,4]
const w_float16: float16[4,8]
const b_float16: float16[8]
x_float16 = Cast(x) {to=10} "x_float16/Cast"
p_float16 = MatMul(x_float16, w_float16) "product"
s_float16 = Add(p_float16, b_float16) "bias"
y_float16 = Relu(s_float16) "relu"
y = Cast(y_float16) {to=1} "y/Cast"
output y: float32[N,8]
)");
  EXPECT_NE(rewritten(kText, recipe_of(Mode::kBfloat16)).find("const w_bfloat16: bfloat16[4,8]"),
            std::string::npos);
}

// LSTM is on no list: an island between two casts.
TEST(Half, AnOperatorWithoutAKernelIsAnIsland) {
  EXPECT_EQ(rewritten(R"(
    opset 14
    input x: float32[5,N,4]
    const w: float32[1,16,4] = random(1)
    const r: float32[1,16,4] = random(2)
    a = Relu(x) "before"
    h = LSTM(a, w, r) {hidden_size=4} "lstm"
    value h: float32[5,1,N,4]
    y = Relu(h) "after"
    output y: float32[5,1,N,4]
  )"),
            R"(opset 14
input x: float32[5,N,4]
const w: float32[1,16,4]
const r: float32[1,16,4]
value h: float32[5,1,N,4]
x_float16 = Cast(x) {to=10} "x_float16/Cast"
a_float16 = Relu(x_float16) "before"
a = Cast(a_float16) {to=1} "a/Cast"
h = LSTM(a, w, r) {hidden_size=4} "lstm"
h_float16 = Cast(h) {to=10} "h_float16/Cast"
y_float16 = Relu(h_float16) "after"
y = Cast(y_float16) {to=1} "y/Cast"
output y: float32[5,1,N,4]
)");
}

TEST(Half, OtherTypesAndTheScalesOfAResizeStayAsTheyAre) {
  EXPECT_EQ(rewritten(R"(
    opset 13
    input x: float32[1,4,8,8]
    input c: bool[1]
    const shape: int64[2] = 1 -1
    const scales: float32[4] = 1 1 2 2
    r = Resize(x, _, scales) {mode="nearest"} "resize"
    f = Reshape(r, shape) "reshape"
    h, t = Split(f) {axis=1} "split"
    y = Where(c, h, t) "where"
    output y: float32[1,512]
  )"),
            R"(opset 13
input x: float32[1,4,8,8]
input c: bool[1]
const shape: int64[2]
const scales: float32[4]
x_float16 = Cast(x) {to=10} "x_float16/Cast"
r_float16 = Resize(x_float16, _, scales) {mode="nearest"} "resize"
f_float16 = Reshape(r_float16, shape) "reshape"
h_float16, t_float16 = Split(f_float16) {axis=1} "split"
y_float16 = Where(c, h_float16, t_float16) "where"
y = Cast(y_float16) {to=1} "y/Cast"
output y: float32[1,512]
)");
}

TEST(Half, ABodyReadsTheFloatTensor) {
  const std::string text = rewritten(R"(
    opset 13
    input x: float32[4]
    input c: bool[1]
    a = Relu(x) "relu"
    y = If(c) "choice"
      begin else_branch
        e = Neg(a)
        output e: float32[4]
      end
      begin then_branch
        t = Abs(a)
        output t: float32[4]
      end
    output y: float32[4]
  )");
  EXPECT_NE(text.find("a = Cast(a_float16) {to=1}"), std::string::npos) << text;
  EXPECT_NE(text.find("    e = Neg(a)"), std::string::npos) << text;
}

constexpr std::string_view kIslands = R"(
  opset 14
  input x: float32[N,4]
  input i: int64[N,4]
  const mask: float32[1] = -1e9
  const tiny: float32[1] = 1e-12
  const tails: float32[4] = 1 2 3 1e-12
  a = Add(x, mask) "mask"
  b = Add(x, tiny) "epsilon"
  c = Mul(x, tails) "tails"
  d = Mul(x, x) "square"
  e = Sqrt(d) "root"
  f = Add(i, i) "integers"
  g = Relu(x) "kept"
  h = Mystery(x) "unknown"
  k = Relu(h) "follows"
  l = Einsum(x, x) {equation="ij,ij->ij"} "unlisted"
  output a: float32[N,4]
  output b: float32[N,4]
  output c: float32[N,4]
  output e: float32[N,4]
  output f: int64[N,4]
  output g: float32[N,4]
  output k: float32[N,4]
  output l: float32[N,4]
)";

TEST(Half, EveryIslandHasAReason) {
  const Model model = testing::parse_graph(kIslands);
  Recipe recipe = recipe_of(Mode::kFloat16);
  recipe.exclude_nodes = {"kept"};
  Statistics statistics;
  const std::vector<float> squares = {1, 90000};
  statistics.tensors()["d"].observe(0, squares);
  const HalfPlan plan = selected(model, recipe, &statistics);
  const auto reason = [&](std::string_view node) { return testing::reason_of(plan.nodes, node); };
  EXPECT_EQ(reason("mask"), "float: constant 'mask' holds -1000000000, beyond 65504 of float16");
  EXPECT_EQ(reason("epsilon"), "float: constant 'tiny' is 1e-12, which is 0 in float16");
  EXPECT_EQ(reason("tails"), "quantized: in float16");
  EXPECT_EQ(reason("square"), "float: 'd' reached 90000, beyond 65504 of float16");
  EXPECT_EQ(reason("root"), "float: 'd' reached 90000, beyond 65504 of float16");
  EXPECT_EQ(reason("integers"), "float: its result is not float32");
  EXPECT_EQ(reason("kept"), "float: excluded by 'kept'");
  EXPECT_EQ(reason("unknown"), "float: target 'openvino' does not run Mystery in float16");
  EXPECT_EQ(reason("follows"), "float: the type of 'h' is not known");
  EXPECT_EQ(reason("unlisted"), "float: target 'openvino' does not run Einsum in float16");
}

TEST(Half, Bfloat16HoldsWhatFloat16CannotAndWithoutDataOnlyConstantsCount) {
  const Model model = testing::parse_graph(kIslands);
  const HalfPlan wide = selected(model, recipe_of(Mode::kBfloat16));
  EXPECT_EQ(testing::reason_of(wide.nodes, "mask"), "quantized: in bfloat16");
  EXPECT_EQ(testing::reason_of(wide.nodes, "epsilon"), "quantized: in bfloat16");
  const HalfPlan narrow = selected(model);
  EXPECT_EQ(testing::reason_of(narrow.nodes, "square"), "quantized: in float16");
  const Graph graph(model.proto().graph());
  EXPECT_EQ(float_tensors(graph),
            (std::vector<std::string>{"x", "a", "b", "c", "d", "e", "g", "k", "l"}));
}

TEST(Half, TheJsonListsNodesAndTensors) {
  const auto json = nlohmann::json::parse(to_json(selected(testing::parse_graph(R"(
    opset 13
    input x: float32[N,4]
    y = Relu(x) "relu"
    output y: float32[N,4]
  )"))));
  EXPECT_EQ(json["mode"], "float16");
  EXPECT_EQ(json["tensors"], (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(json["nodes"][0]["reason"], "in float16");
}

TEST(Half, ATargetWithoutTheTypeIsRefused) {
  EXPECT_OCTAVO_ERROR(selected(testing::parse_graph(kIslands), recipe_of(Mode::kBfloat16), nullptr,
                               "onnxruntime-x86"),
                      ErrorCode::kUnsupported, "no mode bfloat16", "float16");
}

}  // namespace
}  // namespace octavo
