#include "rewrite/float_io.h"

#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <string>

#include "model/io_params.h"
#include "model/print.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::string_view kCodes = R"(
  opset 13
  input x: uint8[N,3,4,4]
  const s: float32[] = 0.01
  const z: uint8[] = 100
  const w: float32[2,3,1,1] = random(1)
  d = DequantizeLinear(x, s, z) "x/DequantizeLinear"
  c = Conv(d, w) "conv"
  y = QuantizeLinear(c, s, z) "y/QuantizeLinear"
  output y: uint8[N,2,4,4]
)";

// Behind a Transpose and a Pad, as a network that was folded for pixels may have them.
constexpr std::string_view kPixels = R"(
  opset 13
  input x: uint8[N,4,4,3]
  const s: float32[] = 1
  const z: uint8[] = 0
  const w: float32[2,3,1,1] = random(1)
  d = DequantizeLinear(x, s, z) "x/DequantizeLinear"
  t = Transpose(d) {perm=[0,3,1,2]} "transpose"
  y = Conv(t, w) "conv"
  output y: float32[N,2,4,4]
)";

Model model_with(std::string_view text, const IoParams& input,
                 const std::optional<IoParams>& output = std::nullopt) {
  Model model = testing::parse_graph(text);
  set_io_params(model.mutable_proto(), "x", input);
  if (output) set_io_params(model.mutable_proto(), "y", *output);
  return model;
}

// Inputs, outputs and nodes.
std::string text_of(const Model& model) {
  std::istringstream lines(print_graph(model));
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("const") && !line.starts_with("opset")) kept += line + "\n";
  }
  return kept;
}

TEST(FloatIo, NumbersTakeThePlaceOfCodes) {
  const IoParams params{{0.01}, {100}};
  EXPECT_EQ(text_of(with_float_io(model_with(kCodes, params, params))),
            R"(input x: float32[N,3,4,4]
x_codes = QuantizeLinear(x, x_scale, x_zero_point) "x_codes/QuantizeLinear"
d = DequantizeLinear(x_codes, s, z) "x/DequantizeLinear"
c = Conv(d, w) "conv"
y_codes = QuantizeLinear(c, s, z) "y/QuantizeLinear"
y = DequantizeLinear(y_codes, y_scale, y_zero_point) "y/DequantizeLinear"
output y: float32[N,2,4,4]
)");
}

TEST(FloatIo, DoneTwiceItIsDoneOnce) {
  const IoParams params{{0.01}, {100}};
  const Model once = with_float_io(model_with(kCodes, params, params));
  EXPECT_EQ(print_graph(with_float_io(once)), print_graph(once));
}

TEST(FloatIo, WithoutMetadataNothingChanges) {
  const Model model = testing::parse_graph(kCodes);
  EXPECT_EQ(print_graph(with_float_io(model)), print_graph(model));
}

TEST(FloatIo, PixelsAreMadeInStepsAndKeepNamesOfTheirOwn) {
  EXPECT_EQ(text_of(with_float_io(model_with(kPixels, {{0.02, 0.03, 0.04}, {99.5, 100, 98.25}}))),
            R"(input x: float32[N,4,4,3]
x_on_grid = Div(x, x_scale) "x_on_grid/Div"
x_on_grid_1 = Add(x_on_grid, x_zero_point) "x_on_grid_1/Add"
x_on_grid_2 = Round(x_on_grid_1) "x_on_grid_2/Round"
x_on_grid_3 = Clip(x_on_grid_2, x_bound, x_bound_1) "x_on_grid_3/Clip"
x_codes = Cast(x_on_grid_3) {to=2} "x_codes/Cast"
d_in_pixels = DequantizeLinear(x_codes, s, z) "x/DequantizeLinear"
t_in_pixels = Transpose(d_in_pixels) {perm=[0,3,1,2]} "transpose"
y = Conv(t_in_pixels, w) "conv"
output y: float32[N,2,4,4]
)");
}

TEST(FloatIo, MetadataThatFitNothingAreRefused) {
  const IoParams two_channels{{0.01, 0.02}, {100, 100}};
  EXPECT_OCTAVO_ERROR(with_float_io(model_with(kPixels, two_channels)), ErrorCode::kInvalidModel,
                      "input 'x' of shape [?, 4, 4, 3]", "scales of 2 channels");
  EXPECT_OCTAVO_ERROR(with_float_io(model_with(kCodes, {{0.01}, {100}}, two_channels)),
                      ErrorCode::kInvalidModel, "output 'y'", "2 scale(s)", "expected one scale");
}

}  // namespace
}  // namespace octavo
