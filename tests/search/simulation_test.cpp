// Planted saturations are found where they are, and nowhere else.
#include "octavo/simulation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::string_view kPairs = "onnxruntime-x86-avx2";

// Every element of every sample is the same number.
class FlatDataset final : public Dataset {
 public:
  FlatDataset(Shape shape, float value) : shape_(std::move(shape)), value_(value) {}
  std::size_t size() const override { return 3; }
  bool labelled() const override { return false; }
  Sample at(std::size_t /*index*/) const override {
    Tensor tensor(DType::kFloat32, shape_);
    for (float& value : tensor.mutable_as<float>()) value = value_;
    Sample sample;
    sample.inputs.push_back(std::move(tensor));
    return sample;
  }

 private:
  Shape shape_;
  float value_;
};

// A product with weight codes [4, 2], in steps of 1 on both sides.
Model product_model(std::string_view weights, std::string_view activation_type = "uint8") {
  return testing::parse_graph(fmt::format(R"(opset 13
input x: float32[1,4]
const one: float32[] = 1
const zero: {1}[] = 0
const weight_zero: int8[] = 0
const w: int8[4,2] = {0}
q = QuantizeLinear(x, one, zero)
d = DequantizeLinear(q, one, zero)
k = DequantizeLinear(w, one, weight_zero)
y = MatMul(d, k) "planted"
output y: float32[1,2]
)",
                                          weights, activation_type));
}

Model convolution_model(std::string_view weight_shape, std::string_view weights, int group) {
  return testing::parse_graph(fmt::format(R"(opset 13
input x: float32[1,2,3,3]
const one: float32[] = 1
const zero: uint8[] = 0
const weight_zero: int8[] = 0
const w: int8[{}] = {}
q = QuantizeLinear(x, one, zero)
d = DequantizeLinear(q, one, zero)
k = DequantizeLinear(w, one, weight_zero)
y = Conv(d, k) {{group={}}} "planted"
output y: float32[1,2,3,3]
)",
                                          weight_shape, weights, group));
}

SimulationReport simulate(const Model& model, const Dataset& data,
                          std::string_view target = kPairs) {
  SimulationOptions options;
  options.target = target;
  return simulate_kernels(model, data, options);
}

TEST(Simulation, FindsAPlantedSaturation) {
  const SimulationReport report =
      simulate(product_model("127 1 127 1 127 1 127 1"), FlatDataset({1, 4}, 255));
  EXPECT_EQ(report.accumulation, "int16_pairs");
  EXPECT_EQ(report.samples, 3);
  ASSERT_EQ(report.layers.size(), 1);
  const SimulatedLayer& layer = report.layers.front();
  EXPECT_EQ(layer.node, "planted");
  EXPECT_EQ(layer.kernel, "int16 pairs");
  EXPECT_EQ(layer.pairs, 3 * 4);
  EXPECT_EQ(layer.saturated_pairs, 3 * 2);
  EXPECT_EQ(layer.sums, 3 * 2);
  EXPECT_EQ(layer.damaged_sums, 3);
  // 255 * 127 * 4 = 129,540 becomes 2 * 32,767; the other column's 1,020 stays.
  const double signal = 129540.0 * 129540.0 + 1020.0 * 1020.0;
  const double noise = 64006.0 * 64006.0;
  EXPECT_NEAR(layer.sqnr_db, 10 * std::log10(signal / noise), 1e-6);
}

TEST(Simulation, FindsNothingInAHealthyModel) {
  const SimulationReport report =
      simulate(product_model("64 1 64 1 64 1 64 1"), FlatDataset({1, 4}, 255));
  EXPECT_EQ(report.layers.front().pairs, 3 * 4);
  EXPECT_EQ(report.layers.front().saturated_pairs, 0);
  EXPECT_EQ(report.layers.front().sqnr_db, std::numeric_limits<double>::infinity());
}

TEST(Simulation, FindsNothingWhereTheDataStaySmall) {
  const SimulationReport report =
      simulate(product_model("127 1 127 1 127 1 127 1"), FlatDataset({1, 4}, 100));
  EXPECT_EQ(report.layers.front().saturated_pairs, 0) << "2 * 100 * 127 fits";
}

TEST(Simulation, KernelsThatAddExactlyAreNotComputed) {
  const Model model = product_model("127 1 127 1 127 1 127 1");
  const SimulationReport exact = simulate(model, FlatDataset({1, 4}, 255), "onnxruntime-x86");
  EXPECT_EQ(exact.accumulation, "int32");
  EXPECT_EQ(exact.layers.front().kernel, "int32");
  EXPECT_EQ(exact.layers.front().pairs, 0);
  const SimulationReport int8 =
      simulate(product_model("127 1 127 1 127 1 127 1", "int8"), FlatDataset({1, 4}, 100));
  EXPECT_EQ(int8.layers.front().kernel, "int32: not uint8 by int8");
}

TEST(Simulation, PairsNeighbouringChannelsOfAConvolution) {
  const FlatDataset data({1, 2, 3, 3}, 255);
  // Both channels of the first output at 127: nine positions saturate; the second output's cancel.
  const SimulatedLayer wide =
      simulate(convolution_model("2,2,1,1", "127 127 127 -127", 1), data).layers.front();
  EXPECT_EQ(wide.pairs, 3 * 18);
  EXPECT_EQ(wide.saturated_pairs, 3 * 9);
  // The same weights, each by itself: a depthwise kernel, which adds exactly.
  const SimulatedLayer depthwise =
      simulate(convolution_model("2,1,1,1", "127 127", 2), data).layers.front();
  EXPECT_EQ(depthwise.kernel, "int32: depthwise");
  EXPECT_EQ(depthwise.saturated_pairs, 0);
}

TEST(Simulation, SaysWhatItCannotSimulate) {
  const Model floats = testing::parse_graph(
      "opset 13\ninput x: float32[1,4]\ny = Relu(x) \"relu\"\noutput y: float32[1,4]\n");
  EXPECT_OCTAVO_ERROR(simulate(floats, FlatDataset({1, 4}, 1)), ErrorCode::kInvalidArgument,
                      "nothing to simulate");
  EXPECT_OCTAVO_ERROR(simulate(product_model("1 1 1 1 1 1 1 1"), FlatDataset({1, 4}, 1), "tpu"),
                      ErrorCode::kInvalidArgument, "'tpu'");
}

TEST(Simulation, IsWrittenAsJson) {
  const auto json = nlohmann::json::parse(
      to_json(simulate(product_model("127 1 127 1 127 1 127 1"), FlatDataset({1, 4}, 255))));
  EXPECT_EQ(json.at("target"), std::string(kPairs));
  EXPECT_EQ(json.at("layers").at(0).at("saturated_pairs"), 6);
  EXPECT_GT(json.at("layers").at(0).at("sqnr_db").get<double>(), 0);
}

}  // namespace
}  // namespace octavo
