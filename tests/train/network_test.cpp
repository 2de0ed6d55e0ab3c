#include "train/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/paths.h"
#include "train/constants.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTwoLayers = R"(
  opset 13
  input x: float32[2,3]
  const w: float32[3,4] = random(1)
  const v: float32[4,2] = random(2)
  a = MatMul(x, w) "one"
  r = Relu(a) "relu"
  y = MatMul(r, v) "two"
  output y: float32[2,2]
)";

TEST(Network, GivesInnerTensorsAndGradients) {
  const Model model = testing::parse_graph(kTwoLayers);
  const at::Tensor w = at::rand({3, 4}).set_requires_grad(true);
  const Network network(model, {{"a", "y"}, {}, {{"w", w}}});
  const at::Tensor x = at::rand({2, 3});
  const Values outputs = network.run({x});
  EXPECT_TRUE(at::allclose(outputs[0], at::mm(x, w)));
  outputs[0].sum().backward();
  EXPECT_TRUE(at::allclose(w.grad(), x.sum(0).unsqueeze(1).expand({3, 4})));
}

TEST(Network, RunsAReplacementInsteadOfWhatItReplaces) {
  const Model model = testing::parse_graph(kTwoLayers);
  NetworkOptions options{{"y"}, {}, {}};
  options.replacements["r"] = {
      {"x"}, [](const Values& inputs) -> Values { return {at::zeros({inputs[0].size(0), 4})}; }};
  const Network network(model, options);
  EXPECT_EQ(network.run({at::rand({2, 3})})[0].abs().sum().item<float>(), 0);
}

TEST(Network, CastsToCodesAndLetsGradientsThrough) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[4]
    y = Cast(x) {to=2}
    output y: uint8
  )");
  const Network network(model, {{"y"}, {}, {}});
  const at::Tensor x = at::tensor({1.7F, 255.9F, 300.2F, 0.0F}).set_requires_grad(true);
  const at::Tensor y = network.run({x})[0];
  EXPECT_TRUE(at::equal(y, at::tensor({1.0F, 255.0F, 44.0F, 0.0F}))) << y;
  y.sum().backward();
  EXPECT_TRUE(at::equal(x.grad(), at::ones({4})));
}

TEST(Network, RefusesAnOutputThatNothingMakes) {
  const Model model = testing::parse_graph(kTwoLayers);
  EXPECT_OCTAVO_ERROR(Network(model, {{"nothing"}, {}, {}}), ErrorCode::kNotFound, "'nothing'");
}

TEST(Network, NamesTheNodeAtWhichLibtorchFails) {
  const Network network(testing::parse_graph(kTwoLayers), {{"y"}, {}, {}});
  EXPECT_OCTAVO_ERROR(network.run({at::rand({2, 5})}), ErrorCode::kRuntime, "'one' (MatMul)",
                      "libtorch");
}

TEST(Network, NamesTheNodeThatIsGivenNothing) {
  const Model model = testing::parse_graph(R"(
    opset 14
    input x: float32[2,3]
    input axis: int64[0]
    y = CumSum(x, axis) "sums"
    output y: float32
  )");
  const Network network(model, {{"y"}, {}, {}});
  EXPECT_OCTAVO_ERROR(network.run({at::rand({2, 3}), at::empty({0}, at::kLong)}),
                      ErrorCode::kRuntime, "'sums' (CumSum)");
}

std::vector<std::string> asset_models() {
  std::vector<std::string> names;
  if (testing::assets_dir().empty()) return names;
  for (const auto& entry : fs::directory_iterator(testing::assets_dir() / "models")) {
    if (entry.path().extension() == ".onnx") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class AssetModel : public ::testing::TestWithParam<std::string> {};

// On real samples: noise would leave most activations of a real model at zero.
TEST_P(AssetModel, AgreesWithOnnxRuntime) {
  const Model model = read_model(testing::assets_dir() / "models" / (GetParam() + ".onnx"));
  const auto data =
      open_dataset(testing::source_dir() / "tests" / "recipes" / (GetParam() + "_evaluation.yaml"),
                   model.inputs());
  SessionOptions plain;
  plain.optimization = Optimization::kNone;
  const auto session = make_executor("onnxruntime")->load(model, plain);
  const Network network(model, {session->output_names(), {}, {}});
  for (const std::size_t index : {std::size_t{0}, data->size() - 1}) {
    const Sample sample = data->at(index);
    const std::vector<Tensor> expected = session->run(sample.inputs);
    const at::NoGradGuard no_gradients;
    const Values found = network.run({to_torch(sample.inputs.front())});
    for (std::size_t output = 0; output < expected.size(); ++output) {
      const at::Tensor reference = to_torch(expected[output]);
      const double largest = std::max(1.0, reference.abs().max().item<double>());
      const double error = (found[output] - reference).abs().max().item<double>();
      EXPECT_LT(error / largest, 1e-4) << sample.name;
      RecordProperty("error", std::to_string(error));
    }
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AssetModel);
INSTANTIATE_TEST_SUITE_P(Assets, AssetModel, ::testing::ValuesIn(asset_models()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char letter) { return std::isalnum(letter) == 0; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace octavo
