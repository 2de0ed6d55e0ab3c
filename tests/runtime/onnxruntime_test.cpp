#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "octavo/error.h"
#include "octavo/executor.h"
#include "onnx/onnx-ml.pb.h"
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

Tensor input_of(std::vector<float> values) {
  const auto rows = static_cast<std::int64_t>(values.size() / 3);
  return Tensor::of<float>({rows, 3}, values);
}

std::unique_ptr<Session> load(std::string_view text, const SessionOptions& options = {}) {
  return make_executor("onnxruntime")->load(testing::parse_graph(text), options);
}

std::vector<float> values_of(const Tensor& tensor) {
  const auto span = tensor.as<float>();
  return {span.begin(), span.end()};
}

TEST(Onnxruntime, RunsWithAnyBatch) {
  const auto session = load(kChain);
  for (const std::vector<float>& values : {std::vector<float>{1, -2, 3}, {1, 2, 3, -4, 5, 6}}) {
    const std::vector<Tensor> inputs = {input_of(values)};
    const std::vector<Tensor> outputs = session->run(inputs);
    ASSERT_EQ(outputs.size(), 1u);
    EXPECT_EQ(outputs[0].shape(), inputs[0].shape());
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(outputs[0].as<float>()[i], std::max(0.0F, 2 * values[i]));
    }
  }
}

TEST(Onnxruntime, ReturnsInnerTensorsInTheOrderAskedFor) {
  SessionOptions options;
  options.outputs = {"y", "d"};
  const auto session = load(kChain, options);
  EXPECT_EQ(session->output_names(), (std::vector<std::string>{"y", "d"}));
  const std::vector<Tensor> inputs = {input_of({1, -2, 3})};
  const auto outputs = session->run(inputs);
  EXPECT_EQ(values_of(outputs[0]), (std::vector<float>{2, 0, 6}));
  EXPECT_EQ(values_of(outputs[1]), (std::vector<float>{2, -4, 6}));
}

TEST(Onnxruntime, VisitsWhatRunReturns) {
  SessionOptions options;
  options.outputs = {"d", "x"};
  const auto session = load(kChain, options);
  const std::vector<Tensor> inputs = {input_of({1, -2, 3})};
  const auto outputs = session->run(inputs);
  std::vector<std::size_t> visited;
  session->run(inputs, [&](std::size_t index, const TensorView& view) {
    visited.push_back(index);
    EXPECT_EQ(view.shape, outputs[index].shape());
    EXPECT_TRUE(std::equal(view.bytes.begin(), view.bytes.end(), outputs[index].bytes().begin(),
                           outputs[index].bytes().end()));
  });
  std::sort(visited.begin(), visited.end());
  EXPECT_EQ(visited, (std::vector<std::size_t>{0, 1}));
}

TEST(Onnxruntime, WhatAVisitorThrowsComesOutAndTheSessionGoesOn) {
  SessionOptions options;
  options.outputs = {"d", "y"};
  const auto session = load(kChain, options);
  const std::vector<Tensor> inputs = {input_of({1, -2, 3})};
  int visits = 0;
  const auto refuse = [&](std::size_t, const TensorView&) {
    ++visits;
    throw Error(ErrorCode::kInvalidData, "not this one");
  };
  EXPECT_OCTAVO_ERROR(session->run(inputs, refuse), ErrorCode::kInvalidData, "not this one");
  EXPECT_EQ(visits, 1);
  EXPECT_EQ(values_of(session->run(inputs)[1]), (std::vector<float>{2, 0, 6}));
}

// The runtime's registry of operator domains is the whole process's.
TEST(Onnxruntime, SessionsThatWatchMayBeMadeAtTheSameTime) {
  const Model model = testing::parse_graph(kChain);
  const auto executor = make_executor("onnxruntime");
  std::atomic<int> made = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&] {
        SessionOptions options;
        options.outputs = {"d"};
        try {
          made += static_cast<int>(executor->load(model, options)->output_names().size());
        } catch (const Error& error) {
          ADD_FAILURE() << error.what();
        }
      });
    }
  }
  EXPECT_EQ(made, 16);
}

TEST(Onnxruntime, InnerTensorsOfEveryTypeAreSeen) {
  SessionOptions options;
  options.outputs = {"s", "i", "one"};
  const auto session = load(R"(
    opset 13
    input x: float32[N,3]
    const one: float32[] = 1
    s = Shape(x) "shape"
    i = Cast(x) {to=3} "cast"
    y = Add(x, one) "add"
    output y: float32[N,3]
  )",
                            options);
  const std::vector<Tensor> inputs = {input_of({1, -2, 3, 4, 5, 6})};
  const auto outputs = session->run(inputs);
  EXPECT_EQ(outputs[0].dtype(), DType::kInt64);
  EXPECT_EQ(outputs[0].at(0), 2);
  EXPECT_EQ(outputs[1].dtype(), DType::kInt8);
  EXPECT_EQ(outputs[1].at(1), -2);
  EXPECT_EQ(outputs[2].at(0), 1);
}

TEST(Onnxruntime, WrongInputsAreNamedWithWhatWasExpected) {
  const auto session = load(kChain);
  constexpr ErrorCode kBad = ErrorCode::kInvalidData;
  const auto run = [&](std::vector<Tensor> inputs) { session->run(inputs); };
  EXPECT_OCTAVO_ERROR(run({}), kBad, "0 inputs", "takes 1");
  EXPECT_OCTAVO_ERROR(run({Tensor(DType::kFloat32, {1, 4})}), kBad, "'x'", "[1, 4]", "[?, 3]");
  EXPECT_OCTAVO_ERROR(run({Tensor(DType::kFloat32, {3})}), kBad, "'x'", "[3]", "[?, 3]");
  EXPECT_OCTAVO_ERROR(run({Tensor(DType::kInt32, {1, 3})}), kBad, "'x' is int32",
                      "expected float32");
}

TEST(Onnxruntime, OutputsThatAreNoTensorsAreLeftOut) {
  Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,3]
    y = Relu(x) "relu"
    s = SequenceConstruct(y) "sequence"
    output y: float32[N,3]
    output s: float32[N,3]
  )");
  auto& output = *model.mutable_proto().mutable_graph()->mutable_output(1);
  auto& of = *output.mutable_type()->mutable_sequence_type()->mutable_elem_type();
  of.mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  const auto executor = make_executor("onnxruntime");
  const Tensor input(DType::kFloat32, {1, 3});
  const auto session = executor->load(model, {});
  EXPECT_EQ(session->output_names(), std::vector<std::string>{"y"});
  EXPECT_EQ(session->run(std::span(&input, 1)).size(), 1u);
  model.mutable_proto().mutable_graph()->mutable_output()->DeleteSubrange(0, 1);
  EXPECT_OCTAVO_ERROR(executor->load(model, {}), ErrorCode::kUnsupported,
                      "no output of the model is a tensor");
}

TEST(Onnxruntime, ModelsThatItRefusesAreInvalid) {
  EXPECT_OCTAVO_ERROR(load(R"(
    opset 13
    input x: float32[N,3]
    y = NoSuchOperator(x) "odd"
    output y: float32[N,3]
  )"),
                      ErrorCode::kInvalidModel, "ONNX Runtime refuses the model", "NoSuchOperator");
  Model custom = testing::parse_graph(kChain);
  custom.mutable_proto().mutable_graph()->mutable_node(0)->set_domain("com.example");
  auto& opset = *custom.mutable_proto().add_opset_import();
  opset.set_domain("com.example");
  opset.set_version(1);
  EXPECT_OCTAVO_ERROR(make_executor("onnxruntime")->load(custom, {}), ErrorCode::kInvalidModel,
                      "com.example", "libraries of custom operators are not loaded");
  SessionOptions options;
  options.outputs = {"nothing"};
  EXPECT_OCTAVO_ERROR(load(kChain, options), ErrorCode::kNotFound, "'nothing'");
}

TEST(Onnxruntime, FailuresWhileRunningCarryItsWords) {
  const auto session = load(R"(
    opset 13
    input x: float32[N,3]
    const shape: int64[2] = 7 7
    y = Reshape(x, shape) "reshape"
    output y: float32[7,7]
  )");
  const std::vector<Tensor> inputs = {input_of({1, 2, 3})};
  EXPECT_OCTAVO_ERROR(session->run(inputs), ErrorCode::kRuntime, "ONNX Runtime", "reshape");
}

TEST(Onnxruntime, ProfilesEachNode) {
  SessionOptions options;
  options.profiling = Profiling::kOn;
  options.optimization = Optimization::kNone;
  const auto session = load(kChain, options);
  const std::vector<Tensor> inputs = {input_of({1, 2, 3})};
  for (int i = 0; i < 3; ++i) session->run(inputs);
  const auto times = session->node_times();
  ASSERT_EQ(times.size(), 2u);
  EXPECT_EQ(times[0].name, "double");
  EXPECT_EQ(times[0].op_type, "Mul");
  EXPECT_EQ(times[0].calls, 3);
  EXPECT_EQ(times[1].name, "relu");
  EXPECT_TRUE(session->node_times().empty());
}

TEST(Onnxruntime, ShowsTheGraphThatItExecutes) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[1,3,8,8]
    const w: float32[4,3,3,3] = random(1)
    c = Conv(x, w) "conv"
    y = Relu(c) "relu"
    output y: float32[1,4,6,6]
  )");
  std::set<std::string> types;
  for (const auto& node : make_executor("onnxruntime")->executed_graph(model)) {
    types.insert(node.op_type);
  }
  EXPECT_EQ(types.count("Relu"), 0u);  // fused into the convolution
}

TEST(Executors, UnknownNamesListTheKnownOnes) {
  EXPECT_OCTAVO_ERROR(make_executor("abacus"), ErrorCode::kInvalidArgument, "'abacus'",
                      "onnxruntime");
  for (const std::string& name : executor_names()) {
    EXPECT_EQ(make_executor(name)->name(), name);
    EXPECT_FALSE(make_executor(name)->version().empty());
  }
}

}  // namespace
}  // namespace octavo
