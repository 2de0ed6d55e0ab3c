#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "octavo/executor.h"
#include "octavo/model.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::string_view kChain = R"(
  opset 13
  input x: float32[N,3]
  const two: float32[] = 2
  d = Mul(x, two) "double"
  y = Relu(d) "relu"
  output y: float32[N,3]
)";

constexpr std::string_view kConvolution = R"(
  opset 13
  input x: float32[1,3,8,8]
  const w: float32[4,3,3,3] = random(1)
  c = Conv(x, w) "conv"
  y = Relu(c) "relu"
  output y: float32[1,4,6,6]
)";

constexpr std::string_view kQuantizedConvolution = R"(
  opset 13
  input x: float32[1,16,8,8]
  const xs: float32[] = 0.02
  const xz: uint8[] = 0
  const w: int8[16,16,3,3] = fill(3)
  const ws: float32[16] = fill(0.01)
  const wz: int8[16] = fill(0)
  const ys: float32[] = 0.05
  const yz: uint8[] = 0
  xq = QuantizeLinear(x, xs, xz)
  xd = DequantizeLinear(xq, xs, xz)
  wd = DequantizeLinear(w, ws, wz) {axis = 0}
  c = Conv(xd, wd) "conv"
  r = Relu(c) "relu"
  rq = QuantizeLinear(r, ys, yz)
  y = DequantizeLinear(rq, ys, yz)
  output y: float32[1,16,6,6]
)";

Tensor input_of(std::vector<float> values) {
  const auto rows = static_cast<std::int64_t>(values.size() / 3);
  return Tensor::of<float>({rows, 3}, values);
}

Tensor ramp(const Shape& shape) {
  Tensor tensor(DType::kFloat32, shape);
  const auto values = tensor.mutable_as<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i % 29) / 29 - 0.4F;
  }
  return tensor;
}

std::unique_ptr<Session> load(std::string_view text, const SessionOptions& options = {},
                              std::string_view runtime = "openvino") {
  return make_executor(runtime)->load(testing::parse_graph(text), options);
}

std::vector<float> values_of(const Tensor& tensor) {
  const auto span = tensor.as<float>();
  return {span.begin(), span.end()};
}

void expect_doubled_and_cut(Session& session, const std::vector<float>& values) {
  const std::vector<Tensor> inputs = {input_of(values)};
  const std::vector<Tensor> outputs = session.run(inputs);
  ASSERT_EQ(outputs.size(), 1u);
  ASSERT_EQ(outputs[0].shape(), inputs[0].shape());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(outputs[0].as<float>()[i], std::max(0.0F, 2 * values[i]));
  }
}

TEST(Openvino, RunsWithAnyBatch) {
  const auto session = load(kChain);
  expect_doubled_and_cut(*session, {1, -2, 3});
  expect_doubled_and_cut(*session, {1, 2, 3, -4, 5, 6});
  expect_doubled_and_cut(*session, {4, 2, 3, -4, 5, 7});
}

TEST(Openvino, RunsWithShapesThatKeepChanging) {
  const auto session = load(kChain);
  for (std::size_t batch = 1; batch <= 12; ++batch) {
    std::vector<float> values(3 * batch, -1.0F);
    values.back() = static_cast<float>(batch);
    expect_doubled_and_cut(*session, values);
  }
}

TEST(Openvino, ReturnsInnerTensorsInTheOrderAskedFor) {
  SessionOptions options;
  options.outputs = {"y", "d", "x", "y"};
  const auto session = load(kChain, options);
  EXPECT_EQ(session->output_names(), options.outputs);
  const std::vector<Tensor> inputs = {input_of({1, -2, 3})};
  const auto outputs = session->run(inputs);
  EXPECT_EQ(values_of(outputs[0]), (std::vector<float>{2, 0, 6}));
  EXPECT_EQ(values_of(outputs[1]), (std::vector<float>{2, -4, 6}));
  EXPECT_EQ(values_of(outputs[2]), (std::vector<float>{1, -2, 3}));
  EXPECT_EQ(values_of(outputs[3]), (std::vector<float>{2, 0, 6}));
}

TEST(Openvino, FindsTensorsThatItsFrontendSeesThrough) {
  SessionOptions options;
  options.outputs = {"i", "p", "q", "y"};
  const auto session = load(R"(
    opset 13
    input x: float32[N,3]
    const slope: float32[] = 2
    i = Identity(x) "identity"
    p = Dropout(i) "dropout"
    q = Cast(p) {to = 1} "cast"
    y = Mul(q, slope) "double"
    output y: float32[N,3]
  )",
                            options);
  const std::vector<Tensor> inputs = {input_of({1, -2, 3})};
  const auto outputs = session->run(inputs);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(values_of(outputs[i]), values_of(inputs[0]));
  EXPECT_EQ(values_of(outputs[3]), (std::vector<float>{2, -4, 6}));
}

TEST(Openvino, VisitsWhatRunReturns) {
  SessionOptions options;
  options.outputs = {"d", "x"};
  const auto session = load(kChain, options);
  const std::vector<Tensor> inputs = {input_of({1, -2, 3})};
  const auto outputs = session->run(inputs);
  std::vector<std::size_t> visited;
  session->run(inputs, [&](std::size_t index, const TensorView& view) {
    visited.push_back(index);
    EXPECT_EQ(view.dtype, DType::kFloat32);
    EXPECT_EQ(view.shape, outputs[index].shape());
    EXPECT_TRUE(std::equal(view.bytes.begin(), view.bytes.end(), outputs[index].bytes().begin(),
                           outputs[index].bytes().end()));
  });
  EXPECT_EQ(visited, (std::vector<std::size_t>{0, 1}));
}

TEST(Openvino, WhatTheVisitorThrowsComesOutUnchanged) {
  const auto session = load(kChain);
  const std::vector<Tensor> inputs = {input_of({1, -2, 3})};
  const auto visit = [](std::size_t, const TensorView&) { throw Error(ErrorCode::kIo, "full"); };
  EXPECT_OCTAVO_ERROR(session->run(inputs, visit), ErrorCode::kIo, "full");
}

TEST(Openvino, KeepsElementTypes) {
  const auto session = load(R"(
    opset 13
    input x: uint8[2,3]
    i = Cast(x) {to = 7} "to_int64"
    b = Cast(x) {to = 9} "to_bool"
    output i: int64[2,3]
    output b: bool[2,3]
  )");
  const std::vector<Tensor> inputs = {Tensor::of<std::uint8_t>({2, 3}, {0, 1, 2, 0, 200, 255})};
  const auto outputs = session->run(inputs);
  ASSERT_EQ(outputs[0].dtype(), DType::kInt64);
  ASSERT_EQ(outputs[1].dtype(), DType::kBool);
  EXPECT_EQ(outputs[0].as<std::int64_t>()[4], 200);
  EXPECT_TRUE(outputs[1].as<bool>()[5]);
  EXPECT_FALSE(outputs[1].as<bool>()[3]);
}

TEST(Openvino, WrongInputsAreNamedWithWhatWasExpected) {
  const auto session = load(kChain);
  constexpr ErrorCode kBad = ErrorCode::kInvalidData;
  const auto run = [&](std::vector<Tensor> inputs) { session->run(inputs); };
  EXPECT_OCTAVO_ERROR(run({}), kBad, "0 inputs", "takes 1");
  EXPECT_OCTAVO_ERROR(run({Tensor(DType::kFloat32, {1, 4})}), kBad, "'x'", "[1, 4]", "[?, 3]");
  EXPECT_OCTAVO_ERROR(run({Tensor(DType::kFloat32, {3})}), kBad, "'x'", "[3]", "[?, 3]");
  EXPECT_OCTAVO_ERROR(run({Tensor(DType::kInt32, {1, 3})}), kBad, "'x' is int32",
                      "expected float32");
}

TEST(Openvino, ModelsThatItRefusesAreInvalid) {
  EXPECT_OCTAVO_ERROR(load(R"(
    opset 13
    input x: float32[N,3]
    y = NoSuchOperator(x) "odd"
    output y: float32[N,3]
  )"),
                      ErrorCode::kInvalidModel, "OpenVINO refuses the model", "NoSuchOperator");
  SessionOptions options;
  options.outputs = {"nothing"};
  EXPECT_OCTAVO_ERROR(load(kChain, options), ErrorCode::kNotFound, "'nothing'");
}

TEST(Openvino, HasNoWayToLeaveOptimizationsOut) {
  SessionOptions options;
  options.optimization = Optimization::kNone;
  EXPECT_OCTAVO_ERROR(load(kChain, options), ErrorCode::kUnsupported, "OpenVINO");
}

TEST(Openvino, FailuresWhileRunningCarryItsWords) {
  const auto session = load(R"(
    opset 13
    input x: float32[N,3]
    const shape: int64[2] = 7 7
    y = Reshape(x, shape) "reshape"
    output y: float32[7,7]
  )");
  const std::vector<Tensor> inputs = {input_of({1, 2, 3})};
  EXPECT_OCTAVO_ERROR(session->run(inputs), ErrorCode::kRuntime, "OpenVINO", "Reshape");
}

TEST(Openvino, ProfilesEachNodeOverEveryShape) {
  SessionOptions options;
  options.profiling = Profiling::kOn;
  const auto session = load(R"(
    opset 13
    input x: float32[N,64,32,32]
    const w: float32[64,64,3,3] = random(1)
    c = Conv(x, w) "conv"
    output c: float32[N,64,30,30]
  )",
                            options);
  for (const std::int64_t batch : {1, 1, 2}) {
    session->run(std::array{ramp({batch, 64, 32, 32})});
  }
  const auto times = session->node_times();
  const auto conv = std::ranges::find(times, "Convolution", &NodeTime::op_type);
  ASSERT_NE(conv, times.end());
  EXPECT_EQ(conv->calls, 3);
  EXPECT_GT(conv->microseconds, 0);
  EXPECT_TRUE(session->node_times().empty());
}

TEST(Openvino, ShowsTheGraphThatItExecutes) {
  const auto nodes = make_executor("openvino")->executed_graph(testing::parse_graph(kConvolution));
  EXPECT_EQ(std::ranges::count(nodes, "Relu", &ExecutedNode::op_type), 0);  // fused
  const auto conv = std::ranges::find(nodes, "Convolution", &ExecutedNode::op_type);
  ASSERT_NE(conv, nodes.end());
  EXPECT_EQ(conv->precision, "f32");
  EXPECT_FALSE(conv->name.empty());
  EXPECT_FALSE(conv->inputs.empty());
  EXPECT_EQ(conv->outputs.size(), 1u);
}

TEST(Openvino, ExecutesAQuantizedConvolutionInInt8) {
  const auto nodes =
      make_executor("openvino")->executed_graph(testing::parse_graph(kQuantizedConvolution));
  const auto conv = std::ranges::find(nodes, "Convolution", &ExecutedNode::op_type);
  ASSERT_NE(conv, nodes.end());
  EXPECT_TRUE(conv->precision == "u8" || conv->precision == "i8") << conv->precision;
}

TEST(Openvino, AgreesWithOnnxruntimeInFloat) {
  const std::vector<Tensor> inputs = {ramp({1, 3, 8, 8})};
  const auto expected = load(kConvolution, {}, "onnxruntime")->run(inputs);
  const auto actual = load(kConvolution)->run(inputs);
  ASSERT_EQ(actual[0].shape(), expected[0].shape());
  for (std::size_t i = 0; i < expected[0].size(); ++i) {
    EXPECT_NEAR(actual[0].as<float>()[i], expected[0].as<float>()[i], 1e-4);
  }
}

}  // namespace
}  // namespace octavo
