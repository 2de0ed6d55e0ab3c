#include "repair/unfold.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string_view>
#include <variant>

#include "model/graph.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

TensorView view_of(const Tensor& tensor) {
  return {tensor.dtype(), tensor.shape(), tensor.bytes()};
}

LinearNode layer_of(const Graph& graph) {
  return std::get<LinearNode>(as_linear_node(graph, graph.proto().node(0)));
}

// Sums of squares of a matrix product of the weights with all windows, and of what the runtime
// makes: the windows are drawn in another order, so the sums are compared.
void expect_unfolds(std::string_view text, const Shape& shape) {
  SCOPED_TRACE(text);
  const Model model = testing::parse_graph(text);
  const Graph graph(model.proto().graph());
  const LinearNode layer = layer_of(graph);
  const Sample sample = testing::NoiseDataset(shape, 1).at(0);
  const auto outputs = make_executor("onnxruntime")->load(model, {})->run(sample.inputs);
  const auto window = window_of(layer);
  ASSERT_TRUE(window.has_value());
  const auto groups = unfold(view_of(sample.inputs[0]), *window, 1U << 20U, 1);
  std::vector<std::vector<double>> rows(layer.output_channels);
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    rows[layer.output_layout.channel(i)].push_back(layer.weights.at(i));
  }
  double sum = 0;
  double squares = 0;
  std::size_t count = 0;
  const std::size_t per_group = layer.output_channels / groups.size();
  for (std::size_t channel = 0; channel < rows.size(); ++channel) {
    const Eigen::VectorXd weights = Eigen::Map<const Eigen::VectorXd>(
        rows[channel].data(), static_cast<Eigen::Index>(rows[channel].size()));
    const Eigen::VectorXd products =
        groups[channel / per_group].cast<double>().transpose() * weights;
    sum += products.sum();
    squares += products.squaredNorm();
    count += static_cast<std::size_t>(products.size());
  }
  double wanted_sum = 0;
  double wanted_squares = 0;
  for (const float value : outputs[0].as<float>()) {
    wanted_sum += static_cast<double>(value);
    wanted_squares += static_cast<double>(value) * static_cast<double>(value);
  }
  EXPECT_EQ(count, outputs[0].size());
  EXPECT_NEAR(sum, wanted_sum, 1e-3);
  EXPECT_NEAR(squares, wanted_squares, 1e-4 * wanted_squares);
}

TEST(Unfold, IsAConvolutionAsAProduct) {
  for (const std::string_view attributes :
       {"{}", "{pads=[1,2,0,1]}", "{strides=[2,3]}", "{dilations=[2,1], pads=[1,1,1,1]}",
        "{auto_pad=\"SAME_UPPER\", strides=[2,2]}", "{auto_pad=\"SAME_LOWER\", strides=[2,2]}",
        "{auto_pad=\"VALID\"}"}) {
    expect_unfolds(fmt::format(R"(
      opset 13
      input x: float32[N,3,7,6]
      const w: float32[4,3,3,2] = random(1)
      y = Conv(x, w) {}
      output y: float32
    )",
                               attributes),
                   {2, 3, 7, 6});
  }
}

TEST(Unfold, KnowsGroups) {
  for (const int groups : {2, 4}) {
    expect_unfolds(fmt::format(R"(
      opset 13
      input x: float32[N,4,5,5]
      const w: float32[8,{},3,3] = random(1)
      y = Conv(x, w) {{group={}}}
      output y: float32
    )",
                               4 / groups, groups),
                   {1, 4, 5, 5});
  }
}

TEST(Unfold, KnowsOneAndThreeDimensions) {
  expect_unfolds(R"(
      opset 13
      input x: float32[N,2,9]
      const w: float32[3,2,4] = random(1)
      y = Conv(x, w) {pads=[1,2], strides=[2]}
      output y: float32
    )",
                 {1, 2, 9});
  expect_unfolds(R"(
      opset 13
      input x: float32[N,2,4,3,5]
      const w: float32[3,2,2,3,2] = random(1)
      y = Conv(x, w) {pads=[1,1,0,0,1,1]}
      output y: float32
    )",
                 {1, 2, 4, 3, 5});
}

TEST(Unfold, TakesTheRowsOfAProduct) {
  expect_unfolds(R"(
      opset 13
      input x: float32[N,5]
      const w: float32[3,5] = random(1)
      y = Gemm(x, w) {transB=1}
      output y: float32
    )",
                 {4, 5});
  expect_unfolds(R"(
      opset 13
      input x: float32[N,3,5]
      const w: float32[5,2] = random(1)
      y = MatMul(x, w)
      output y: float32
    )",
                 {2, 3, 5});
}

TEST(Unfold, DrawsSoManyWindowsAndTheSameForASeed) {
  const Model model = testing::parse_graph(R"(
      opset 13
      input x: float32[N,1,8,8]
      const w: float32[1,1,1,1] = 1
      y = Conv(x, w)
      output y: float32
    )");
  const Graph graph(model.proto().graph());
  const Window window = *window_of(layer_of(graph));
  const Sample sample = testing::NoiseDataset({1, 1, 8, 8}, 1).at(0);
  const auto first = unfold(view_of(sample.inputs[0]), window, 10, 7);
  ASSERT_EQ(first[0].cols(), 10);
  EXPECT_EQ(first[0], unfold(view_of(sample.inputs[0]), window, 10, 7)[0]);
  EXPECT_NE(first[0], unfold(view_of(sample.inputs[0]), window, 10, 8)[0]);
}

TEST(Unfold, LeavesOtherLayers) {
  for (const std::string_view node : {"y = ConvTranspose(x, w)", "y = Gemm(x, v) {transA=1}"}) {
    SCOPED_TRACE(node);
    const Model model = testing::parse_graph(fmt::format(R"(
      opset 13
      input x: float32
      const w: float32[2,2,1,1] = 1 2 3 4
      const v: float32[2,2] = 1 2 3 4
      {}
      output y: float32
    )",
                                                         node));
    const Graph graph(model.proto().graph());
    EXPECT_FALSE(window_of(layer_of(graph)).has_value());
  }
}

TEST(Unfold, NamesTheShapeThatDoesNotFit) {
  const Model model = testing::parse_graph(R"(
      opset 13
      input x: float32[N,5]
      const w: float32[5,2] = random(1)
      y = MatMul(x, w)
      output y: float32
    )");
  const Graph graph(model.proto().graph());
  const Window window = *window_of(layer_of(graph));
  const Tensor wrong(DType::kFloat32, {2, 4});
  EXPECT_OCTAVO_ERROR(
      unfold(view_of(wrong), window, 1, 1), ErrorCode::kUnsupported,
      "a layer's input is float32 of shape [2, 4], expected float32 of last length 5");
}

}  // namespace
}  // namespace octavo
