#include "repair/input_scaling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "model/graph.h"
#include "model/print.h"
#include "octavo/executor.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

constexpr std::string_view kNetwork = R"(
  opset 17
  input x: float32[N,5,4]
  const g: float32[4] = random(1)
  const b: float32[4] = random(2)
  const w1: float32[4,6] = random(3)
  const b1: float32[6] = random(4)
  const w2: float32[6,3] = random(5)
  const w3: float32[4,3] = random(6)
  const w4: float32[3,2] = random(7)
  n = LayerNormalization(x, g, b) "norm"
  u = MatMul(n, w1) "up"
  a = Add(u, b1) "bias"
  r = Relu(a) "relu"
  d = MatMul(r, w2) "down"
  s = MatMul(n, w3) "side"
  t = Sigmoid(d) "gate"
  p = Mul(t, s) "gated"
  y = MatMul(p, w4) "last"
  output y: float32[N,5,2]
)";

std::vector<Tensor> run(const Model& model) {
  const Sample sample = testing::NoiseDataset({2, 5, 4}, 1).at(0);
  return make_executor("onnxruntime")->load(model, {})->run(sample.inputs);
}

double largest_difference(const Model& a, const Model& b) {
  const Tensor left = run(a).front();
  const Tensor right = run(b).front();
  double largest = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    largest = std::max(largest, std::abs(left.at(i) - right.at(i)));
  }
  return largest;
}

const ScalableInput& of_tensor(const std::vector<ScalableInput>& inputs, std::string_view tensor) {
  return *std::find_if(inputs.begin(), inputs.end(),
                       [&](const ScalableInput& input) { return input.tensor == tensor; });
}

TEST(InputScaling, FindsWhatCanTakeTheFactors) {
  const Model model = testing::parse_graph(kNetwork);
  const auto inputs = scalable_inputs(Graph(model.proto().graph()));
  ASSERT_EQ(inputs.size(), 3U);
  const ScalableInput& norm = of_tensor(inputs, "n");
  EXPECT_EQ(norm.readers, (std::vector<std::string>{"up", "side"}));
  EXPECT_EQ(norm.channels, 4U);
  EXPECT_EQ(norm.source, ScaleSource::kConstants);
  EXPECT_EQ(of_tensor(inputs, "r").source, ScaleSource::kConstants);
  const ScalableInput& gated = of_tensor(inputs, "p");
  EXPECT_EQ(gated.source, ScaleSource::kMultiply);
  EXPECT_EQ(gated.obstacle, "node 'gated' (Mul) makes it");
}

TEST(InputScaling, LeavesTheOutputsAsTheyWere) {
  const Model before = testing::parse_graph(kNetwork);
  Model after = before;
  for (const ScalableInput& input : scalable_inputs(Graph(before.proto().graph()))) {
    std::vector<double> factors;
    for (std::size_t i = 0; i < input.channels; ++i) {
      factors.push_back(0.2 + 0.7 * static_cast<double>(i));
    }
    const auto changed = divide_input(after, input, factors);
    EXPECT_GE(changed.size(), input.readers.size());
  }
  EXPECT_LT(largest_difference(before, after), 1e-5);
  const Graph graph(after.proto().graph());
  EXPECT_EQ(graph.producer("n"), nullptr) << "its values are others: so is its name";
  EXPECT_NE(graph.producer("n_scaled"), nullptr);
  EXPECT_NE(graph.producer("r_scaled"), nullptr);
  EXPECT_EQ(graph.node("last")->input(0), "p_scaled");
  EXPECT_EQ(graph.producer("p_scaled")->op_type(), "Mul");
  EXPECT_NE(graph.producer("p"), nullptr) << "a Mul behind it leaves it as it was";
}

TEST(InputScaling, DividesTheNormalizationAndMultipliesTheWeights) {
  Model model = testing::parse_graph(R"(
    opset 17
    input x: float32[N,2]
    const g: float32[2] = 2 3
    const b: float32[2] = 4 6
    const w: float32[2,1] = 5 7
    n = LayerNormalization(x, g, b) "norm"
    y = MatMul(n, w) "last"
    output y: float32[N,1]
  )");
  const auto inputs = scalable_inputs(Graph(model.proto().graph()));
  ASSERT_EQ(inputs.size(), 1U);
  EXPECT_EQ(divide_input(model, inputs[0], {2, 0.5}), (std::vector<std::string>{"last"}));
  const std::string text = print_graph(model);
  EXPECT_NE(text.find("g: float32[2] = 1 6"), std::string::npos) << text;
  EXPECT_NE(text.find("b: float32[2] = 2 12"), std::string::npos) << text;
  EXPECT_NE(text.find("w: float32[2,1] = 10 3.5"), std::string::npos) << text;
}

TEST(InputScaling, RefusesATensorThatOthersReadToo) {
  const Model model = testing::parse_graph(R"(
    opset 17
    input x: float32[N,2]
    const g: float32[2] = 2 3
    const w: float32[2,2] = random(1)
    n = LayerNormalization(x, g) "norm"
    m = MatMul(n, w) "layer"
    y = Add(m, n) "residual"
    output y: float32[N,2]
  )");
  const auto inputs = scalable_inputs(Graph(model.proto().graph()));
  ASSERT_EQ(inputs.size(), 1U);
  EXPECT_EQ(inputs[0].source, ScaleSource::kMultiply);
  EXPECT_EQ(inputs[0].obstacle, "'n' is read by more than layers");
}

}  // namespace
}  // namespace octavo
