#include "plan/float_guards.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

// Codes come out of "first"; "kept" is left in float.
std::vector<FloatGuard> guards(std::string_view kept, std::string_view target = "onnxruntime-x86") {
  const Model model = testing::parse_graph(fmt::format(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[6,3,1,1] = random(1)
    {}
    output y: float32[]
  )",
                                                       kept));
  Recipe recipe;
  recipe.activation_calibrator = {"min-max", {}};
  recipe.exclude_nodes = {"kept"};
  return testing::make_planned(model, {0, 1}, recipe, target).plan.guards;
}

constexpr std::string_view kDepthwise = R"(
    a = Conv(x, w) "first"
    const v: float32[6,1,3,3] = random(2)
    y = Conv(a, v) {group=6} "kept"
)";

TEST(FloatGuards, RepeatTheScaleForEveryInputChannel) {
  const std::vector<FloatGuard> found = guards(kDepthwise);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].node, "kept");
  EXPECT_EQ(found[0].tensor, "a");
  EXPECT_EQ(found[0].params.axis, 1);
  ASSERT_EQ(found[0].params.scale.size(), 6u);
  ASSERT_EQ(found[0].params.zero_point.size(), 6u);
  for (const float scale : found[0].params.scale) EXPECT_FLOAT_EQ(scale, 1.0F / 255);
}

TEST(FloatGuards, CountTheInputChannelsOfEveryOperator) {
  const auto channels = [](std::string_view kept) {
    const std::vector<FloatGuard> found = guards(kept);
    return found.empty() ? std::pair(-1, std::size_t{0})
                         : std::pair(*found[0].params.axis, found[0].params.scale.size());
  };
  EXPECT_EQ(channels(R"(
    a = Conv(x, w) "first"
    const v: float32[4,3,1,1] = random(2)
    y = Conv(a, v) {group=2} "kept"
  )"),
            std::pair(1, std::size_t{6}));
  EXPECT_EQ(channels(R"(
    a = Conv(x, w) "first"
    const v: float32[6,2,2,2] = random(2)
    y = ConvTranspose(a, v) "kept"
  )"),
            std::pair(1, std::size_t{6}));
  EXPECT_EQ(channels(R"(
    const u: float32[192,20] = random(2)
    const v: float32[10,20] = random(3)
    f = Flatten(x) "flatten"
    g = Gemm(f, u) "fc1"
    h = Gemm(g, v) {transB=1} "fc2"
    y = Gemm(g, v) {transB=1} "kept"
  )"),
            std::pair(1, std::size_t{20}));
}

// ONNX Runtime moves a DequantizeLinear of one scale past what moves values.
TEST(FloatGuards, StandBeforeWhatMovesValues) {
  const std::vector<FloatGuard> found = guards(R"(
    a = Conv(x, w) "first"
    p = MaxPool(a) {kernel_shape=[2,2]} "pool"
    const v: float32[4,6,1,1] = random(2)
    y = Conv(p, v) "kept"
  )");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].node, "pool");
  EXPECT_EQ(found[0].params.scale.size(), 6u);
}

TEST(FloatGuards, AreOnlyForTargetsThatQuantizeUnasked) {
  EXPECT_EQ(guards(kDepthwise, "onnxruntime-arm").size(), 1u);
  for (const char* target : {"openvino", "tensorrt", "tflite-spec"}) {
    EXPECT_TRUE(guards(kDepthwise, target).empty()) << target;
  }
}

TEST(FloatGuards, LeaveWhatReadsNoCodesAlone) {
  EXPECT_TRUE(guards(R"(
    const v: float32[6,3,3,3] = random(2)
    y = Conv(x, v) "kept"
  )")
                  .empty())
      << "a model's input has a float form";
  EXPECT_TRUE(guards(R"(
    a = Conv(x, w) "first"
    t = Tanh(a) "tanh"
    const v: float32[6,1,3,3] = random(2)
    y = Conv(t, v) {group=6} "kept"
  )")
                  .empty());
}

TEST(FloatGuards, LeaveComputedWeightsAndOtherOperatorsAlone) {
  EXPECT_TRUE(guards(R"(
    a = Conv(x, w) "first"
    y = Mul(a, a) "kept"
  )")
                  .empty());
  EXPECT_TRUE(guards(R"(
    a = Conv(x, w) "first"
    const v: float32[6,1,3,3] = random(2)
    r = Relu(v) "computed"
    y = Conv(a, r) {group=6} "kept"
  )")
                  .empty());
}

TEST(FloatGuards, OneChannelHasNoOtherForm) {
  EXPECT_TRUE(guards(R"(
    const one: float32[1,3,1,1] = random(3)
    a = Conv(x, one) "first"
    const v: float32[6,1,3,3] = random(2)
    y = Conv(a, v) "kept"
  )")
                  .empty());
}

}  // namespace
}  // namespace octavo
