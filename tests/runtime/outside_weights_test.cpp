#include "runtime/onnxruntime/outside_weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

#include "core/scratch_directory.h"
#include "model/external_data.h"
#include "octavo/executor.h"
#include "support/graph_text.h"
#include "support/outside_model.h"

namespace octavo {
namespace {

// A product, for which the runtime packs the weight anew, and a sum, for which it does not.
constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[512,512]
  const w: float32[512,1024] = random(1)
  p = MatMul(x, w) "product"
  y = Add(p, w) "sum"
  output y: float32[512,1024]
)";

Tensor input() {
  Tensor tensor(DType::kFloat32, {512, 512});
  auto values = tensor.mutable_as<float>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 7) - 3;
  return tensor;
}

std::vector<Tensor> run(const Model& model, const SessionOptions& options) {
  const Tensor fed = input();
  return make_executor("onnxruntime")->load(model, options)->run(std::span(&fed, 1));
}

TEST(OutsideWeights, AModelOver2GbComputesTheSame) {
  const ScratchDirectory folder;
  const Model outside = testing::outside_model(kNetwork, "w", folder.path());
  ASSERT_TRUE(has_outside_data(outside.proto().graph()));
  const Model inside = testing::parse_graph(kNetwork);
  SessionOptions watched;
  watched.outputs = {"p", "y"};
  for (const SessionOptions& options : {SessionOptions{}, watched}) {
    const std::vector<Tensor> expected = run(inside, options);
    const std::vector<Tensor> found = run(outside, options);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_TRUE(std::ranges::equal(found[i].as<float>(), expected[i].as<float>()));
    }
  }
}

TEST(OutsideWeights, WhatNothingReadsIsNotGivenToTheRuntime) {
  const ScratchDirectory folder;
  const Model outside = testing::outside_model(kNetwork, "w", folder.path());
  const OutsideWeights weights(outside.proto());
  const onnx::ModelProto given = weights.model();
  ASSERT_EQ(given.graph().initializer_size(), 1);
  EXPECT_EQ(given.graph().initializer(0).name(), "w");
}

}  // namespace
}  // namespace octavo
