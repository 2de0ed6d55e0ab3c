#include "train/code_pair.h"

#include <gtest/gtest.h>

#include <string>

#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::string_view kBegin = R"(
  opset 13
  input x: float32[2,3]
  const s: float32[] = 0.5
  const t: float32[] = 0.25
  const each: float32[3] = 0.5 0.5 0.5
  const z: uint8[] = 7
  const zeros: uint8[3] = 7 7 7
  const low: uint8[] = 2
  const high: uint8[] = 17
  q = QuantizeLinear(x, s, z) "q"
)";

std::optional<CodeRange> codes_of(const std::string& rest) {
  const Model model =
      testing::parse_graph(std::string(kBegin) + rest + "\noutput y: float32[2,3]\n");
  const Graph graph(model.proto().graph());
  const auto pair = code_pair_of(graph, *graph.node("d"));
  if (!pair) return std::nullopt;
  EXPECT_EQ(pair->quantize->name(), "q");
  return pair->codes;
}

TEST(CodePair, HasTheCodesOfItsType) {
  const auto codes = codes_of("y = DequantizeLinear(q, s, z) \"d\"");
  ASSERT_TRUE(codes.has_value());
  EXPECT_EQ(codes->min, 0);
  EXPECT_EQ(codes->max, 255);
}

TEST(CodePair, HasFewerCodesWhereAClipLiesBetween) {
  const auto codes = codes_of("c = Clip(q, low, high) \"c\"\ny = DequantizeLinear(c, s, z) \"d\"");
  ASSERT_TRUE(codes.has_value());
  EXPECT_EQ(codes->min, 2);
  EXPECT_EQ(codes->max, 17);
}

TEST(CodePair, MayReadItsNumbersOnceAChannel) {
  EXPECT_TRUE(codes_of("y = DequantizeLinear(q, each, zeros) {axis=1} \"d\"").has_value());
}

TEST(CodePair, IsNoneWhereNumbersDiffer) {
  EXPECT_FALSE(codes_of("y = DequantizeLinear(q, t, z) \"d\"").has_value());
  EXPECT_FALSE(codes_of("y = DequantizeLinear(q, s, low) \"d\"").has_value());
}

TEST(CodePair, IsNoneBehindWhatComputes) {
  EXPECT_FALSE(codes_of("m = Max(q, low) \"m\"\ny = DequantizeLinear(m, s, z) \"d\"").has_value());
}

}  // namespace
}  // namespace octavo
