#include "prepare/pass_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "model/print.h"
#include "octavo/executor.h"
#include "onnx/onnx-ml.pb.h"
#include "support/graph_text.h"

namespace octavo::testing {
namespace {

// What free dimensions are: the first, and the others.
constexpr std::int64_t kBatch = 2;
constexpr std::int64_t kFreeSize = 48;
constexpr double kTolerance = 1e-4;  // relative to the largest value

const Executor& onnxruntime() {
  static const std::unique_ptr<Executor> executor = make_executor("onnxruntime");
  return *executor;
}

std::vector<Tensor> random_inputs(const Model& model, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<Tensor> inputs;
  for (TensorInfo info : model.inputs()) {
    for (std::size_t i = 0; i < info.shape.size(); ++i) {
      if (info.shape[i] < 0) info.shape[i] = i == 0 ? kBatch : kFreeSize;
    }
    Tensor tensor(info.dtype, info.shape);
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      const double uniform = static_cast<double>(engine()) * 0x1p-32 * 8 - 4;
      traits(info.dtype).encode(tensor.mutable_bytes().data(), i, uniform);
    }
    inputs.push_back(std::move(tensor));
  }
  return inputs;
}

void expect_close(const Tensor& expected, const Tensor& actual, double tolerance) {
  EXPECT_EQ(expected.dtype(), actual.dtype());
  ASSERT_EQ(to_string(expected.shape()), to_string(actual.shape()));
  double largest = 0;
  double difference = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected.at(i)));
    const double error = std::abs(expected.at(i) - actual.at(i));
    difference = std::isnan(error) ? error : std::max(difference, error);
  }
  EXPECT_LE(difference, tolerance * largest);
}

void expect_same_interface(const std::vector<TensorInfo>& expected,
                           const std::vector<TensorInfo>& actual) {
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(expected[i].name, actual[i].name);
    EXPECT_EQ(expected[i].dtype, actual[i].dtype);
    EXPECT_EQ(to_string(expected[i].shape), to_string(actual[i].shape));
  }
}

// Of the tensors `names`; of the outputs if it is empty.
void expect_same_tensors(const Model& expected, const Model& actual, double tolerance,
                         const std::vector<std::string>& names) {
  SessionOptions options;
  options.optimization = Optimization::kNone;
  options.outputs = names;
  const auto expected_session = onnxruntime().load(expected, options);
  const auto actual_session = onnxruntime().load(actual, options);
  for (const unsigned seed : {1U, 2U}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto inputs = random_inputs(expected, seed);
    const auto expected_outputs = expected_session->run(inputs);
    const auto actual_outputs = actual_session->run(inputs);
    ASSERT_EQ(expected_outputs.size(), actual_outputs.size());
    for (std::size_t i = 0; i < expected_outputs.size(); ++i) {
      SCOPED_TRACE(expected_session->output_names()[i]);
      expect_close(expected_outputs[i], actual_outputs[i], tolerance);
    }
  }
}

// What nodes of both models make.
std::vector<std::string> common_tensors(const Model& a, const Model& b) {
  std::set<std::string> of_a;
  for (const onnx::NodeProto& node : a.proto().graph().node()) {
    of_a.insert(node.output().begin(), node.output().end());
  }
  std::vector<std::string> common;
  for (const onnx::NodeProto& node : b.proto().graph().node()) {
    std::copy_if(node.output().begin(), node.output().end(), std::back_inserter(common),
                 [&](const std::string& name) { return !name.empty() && of_a.contains(name); });
  }
  return common;
}

PassEffect effect_of(std::string_view pass) {
  const auto passes = preparation_passes();
  return std::find_if(passes.begin(), passes.end(),
                      [&](const PassInfo& info) { return info.name == pass; })
      ->effect;
}

}  // namespace

PreparedModel run_only(const Model& model, std::string_view pass, PrepareOptions options) {
  for (const PassInfo& info : preparation_passes()) {
    if (info.name != pass) options.disabled.emplace_back(info.name);
  }
  if (options.opset == 0) options.opset = 13;
  options.evaluate = make_constant_evaluator(onnxruntime());
  return prepare(model, options);
}

void expect_same_outputs(const Model& expected, const Model& actual, double tolerance) {
  expect_same_interface(expected.inputs(), actual.inputs());
  expect_same_interface(expected.outputs(), actual.outputs());
  expect_same_tensors(expected, actual, tolerance, {});
}

void expect_text(std::string_view pass, std::string_view before, std::string_view after) {
  const Model model = parse_graph(before);
  const PreparedModel once = run_only(model, pass);
  EXPECT_EQ(print_graph(once.model), after);
  const PreparedModel twice = run_only(once.model, pass);
  EXPECT_EQ(print_graph(twice.model), print_graph(once.model)) << "not idempotent";
  EXPECT_TRUE(twice.passes.front().changes.empty());
}

void expect_pass(std::string_view pass, std::string_view before, std::string_view after) {
  expect_text(pass, before, after);
  const Model model = parse_graph(before);
  const Model passed = run_only(model, pass).model;
  expect_same_outputs(model, passed);
  if (effect_of(pass) != PassEffect::kForm) return;
  expect_same_tensors(model, passed, kTolerance, common_tensors(model, passed));
}

void expect_refused(std::string_view pass, std::string_view text, std::string_view node,
                    std::string_view reason) {
  const Model model = parse_graph(text);
  const PreparedModel result = run_only(model, pass);
  EXPECT_EQ(print_graph(result.model), print_graph(model));
  const auto& refusals = result.passes.front().refusals;
  if (reason.empty()) {
    EXPECT_TRUE(refusals.empty()) << refusals.front().node << ": " << refusals.front().text;
    return;
  }
  ASSERT_EQ(refusals.size(), 1U);
  EXPECT_EQ(refusals.front().node, node);
  EXPECT_NE(refusals.front().text.find(reason), std::string::npos) << refusals.front().text;
}

}  // namespace octavo::testing
