#include "rewrite/padded_channels.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "model/print.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

std::string padded(std::string_view text, int channels = 4) {
  return print_graph(with_padded_channels(testing::parse_graph(text), channels));
}

// Two filters of 3 x 1 weights; `conv` ends the line of the convolution.
std::string network(std::string_view weight_type, std::string_view zero_point,
                    std::string_view conv = "", std::string_view behind = "") {
  return std::string("opset 13\ninput x: float32[1,3,5]\n") +
         "const s: float32[] = 0.5\nconst z: uint8[] = 7\nconst w: " + std::string(weight_type) +
         "[2,3,1] = 1 2 3 4 5 6\nconst v: float32[2] = 0.1 0.2\nconst u: " +
         std::string(weight_type) + "[2] = " + std::string(zero_point) + "\n" +
         "q = QuantizeLinear(x, s, z) \"quantize\"\n"
         "d = DequantizeLinear(q, s, z) \"dequantize\"\n"
         "f = DequantizeLinear(w, v, u) {axis=0} \"weights\"\n"
         "y = Conv(d, f) " +
         std::string(conv) + "\"conv\"\n" + std::string(behind) + "output y: float32[1,2,5]\n";
}

TEST(PaddedChannels, AnImageGetsChannelsOfZeros) {
  const std::string after = padded(network("int8", "0 0"));
  EXPECT_EQ(after, R"(opset 13
input x: float32[1,3,5]
const s: float32[] = 0.5
const z: uint8[] = 7
const w: int8[2,4,1] = 1 2 3 0 4 5 6 0
const v: float32[2] = 0.1 0.2
const u: int8[2] = 0 0
const conv_channel_pads: int64[6] = 0 0 0 0 1 0
q = QuantizeLinear(x, s, z) "quantize"
f = DequantizeLinear(w, v, u) {axis=0} "weights"
q_padded = Pad(q, conv_channel_pads, z) "conv_pad_channels"
q_padded_dequantized = DequantizeLinear(q_padded, s, z) "q_padded_dequantize"
y = Conv(q_padded_dequantized, f) "conv"
output y: float32[1,2,5]
)");
  EXPECT_EQ(padded(after), after);
}

TEST(PaddedChannels, ZeroIsTheFiltersOwnZeroPoint) {
  EXPECT_NE(padded(network("uint8", "100 200")).find("const w: uint8[2,4,1] = 1 2 3 100 4 5 6 200"),
            std::string::npos);
}

TEST(PaddedChannels, OtherReadersKeepTheCodesAsTheyAre) {
  const std::string after =
      padded(network("int8", "0 0", "", "r = Relu(d) \"reader\"\noutput r: float32[1,3,5]\n"));
  EXPECT_NE(after.find("d = DequantizeLinear(q, s, z) \"dequantize\"\n"), std::string::npos);
  EXPECT_NE(after.find("r = Relu(d) \"reader\"\n"), std::string::npos);
  EXPECT_NE(after.find("y = Conv(q_padded_dequantized, f) \"conv\"\n"), std::string::npos);
}

TEST(PaddedChannels, WhatHasEnoughOrCannotBePaddedStays) {
  const auto stays = [](const std::string& text, int channels = 4) {
    EXPECT_EQ(padded(text, channels), print_graph(testing::parse_graph(text))) << text;
  };
  stays(network("int8", "0 0"), 3);
  // Shared weights.
  stays(network("int8", "0 0", "", "r = Relu(f) \"reader\"\noutput r: float32[2,3,1]\n"));
  // Groups.
  stays(
      "opset 13\ninput x: float32[1,2,5]\nconst s: float32[] = 0.5\nconst z: uint8[] = 7\n"
      "const w: int8[2,1,1] = 1 2\nconst v: float32[] = 0.1\nconst u: int8[] = 0\n"
      "q = QuantizeLinear(x, s, z)\nd = DequantizeLinear(q, s, z)\n"
      "f = DequantizeLinear(w, v, u) {axis=0}\ny = Conv(d, f) {group=2}\n"
      "output y: float32[1,2,5]\n");
  // Float, weights or activations.
  stays(
      "opset 13\ninput x: float32[1,3,5]\nconst s: float32[] = 0.5\nconst z: uint8[] = 7\n"
      "const w: float32[2,3,1] = 1 2 3 4 5 6\nq = QuantizeLinear(x, s, z)\n"
      "d = DequantizeLinear(q, s, z)\ny = Conv(d, w)\noutput y: float32[1,2,5]\n");
  stays(
      "opset 13\ninput x: float32[1,3,5]\nconst w: int8[2,3,1] = 1 2 3 4 5 6\n"
      "const v: float32[2] = 0.1 0.2\nconst u: int8[2] = 0 0\n"
      "f = DequantizeLinear(w, v, u) {axis=0}\ny = Conv(x, f)\noutput y: float32[1,2,5]\n");
}

}  // namespace
}  // namespace octavo
