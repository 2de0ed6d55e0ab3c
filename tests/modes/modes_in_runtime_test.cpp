// What the modes write, run in ONNX Runtime: the numbers that Octavo's own arithmetic gives, and
// the kernels that the profile counts on.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "model/graph.h"
#include "model/tensor_proto.h"
#include "modes/rewritten_text.h"
#include "octavo/evaluation.h"
#include "octavo/executor.h"
#include "octavo/quantize.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

constexpr std::uint32_t kSeed = 20261121;

Tensor normal_tensor(const Shape& shape) {
  std::mt19937 random(kSeed);
  std::normal_distribution<float> normal(0, 1);
  Tensor tensor(DType::kFloat32, shape);
  for (float& value : tensor.mutable_as<float>()) value = normal(random);
  return tensor;
}

Tensor run(const Model& model, const Tensor& input) {
  const auto executor = make_executor("onnxruntime");
  return executor->load(model, {})->run(std::span(&input, 1)).front();
}

double sqnr_db(const Tensor& wanted, const Tensor& got) {
  EXPECT_EQ(wanted.shape(), got.shape());
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    signal += std::pow(wanted.as<float>()[i], 2);
    noise += std::pow(wanted.as<float>()[i] - got.as<float>()[i], 2);
  }
  return 10 * std::log10(signal / std::max(noise, 1e-30));
}

std::multiset<std::string> executed(const Model& model) {
  std::multiset<std::string> types;
  for (const ExecutedNode& node : make_executor("onnxruntime")->executed_graph(model)) {
    types.insert(node.op_type);
  }
  return types;
}

// The float model with every planned weight replaced by what its codes stand for.
Model with_decoded_weights(Model model, const Recipe& recipe, std::string_view target) {
  const Graph graph(model.proto().graph());
  const WeightPlan plan =
      plan_weights(graph, select_weights(graph, load_profile(target), recipe), recipe);
  EXPECT_FALSE(plan.weights.empty());
  std::map<std::string, onnx::TensorProto> decoded;
  for (const PlannedWeight& weight : plan.weights) {
    const Tensor values = tensor_from_proto(*graph.initializer(weight.tensor));
    decoded[weight.tensor] = tensor_to_proto(fake_quantize(values, weight.params), weight.tensor);
  }
  for (auto& tensor : *model.mutable_proto().mutable_graph()->mutable_initializer()) {
    const auto found = decoded.find(tensor.name());
    if (found != decoded.end()) tensor = found->second;
  }
  return model;
}

// x[3,inputs] times a weight of [inputs,outputs], plain or as a Gemm with a transposed weight.
Model product(std::int64_t inputs, std::int64_t outputs, bool transposed) {
  const std::string k = std::to_string(inputs);
  const std::string n = std::to_string(outputs);
  std::string text = "opset 21\ninput x: float32[N," + k + "]\n";
  if (transposed) {
    text += "const w: float32[" + n + "," + k + "] = random(1)\nconst b: float32[" + n +
            "] = random(2)\ny = Gemm(x, w, b) {transB=1} \"product\"\n";
  } else {
    text += "const w: float32[" + k + "," + n + "] = random(1)\ny = MatMul(x, w) \"product\"\n";
  }
  return testing::parse_graph(text + "output y: float32[N," + n + "]\n");
}

struct Case {
  DType dtype;
  std::optional<std::int64_t> block_size;
  const char* target;
  std::int64_t inputs;
  std::int64_t outputs;
  bool transposed;
};

void PrintTo(const Case& c, std::ostream* stream) {
  *stream << traits(c.dtype).name << " blocks of " << c.block_size.value_or(0) << " for "
          << c.target << ", " << c.inputs << " x " << c.outputs
          << (c.transposed ? " transposed" : "");
}

class WeightOnlyProduct : public ::testing::TestWithParam<Case> {};

// The runtime rounds activations to 8 bits in its kernels for codes, so that equality ends at about
// 40 dB; a weight in the wrong place leaves 0.
TEST_P(WeightOnlyProduct, EqualsTheFloatProductWithDecodedWeights) {
  const Case& c = GetParam();
  const Model model = product(c.inputs, c.outputs, c.transposed);
  Recipe recipe;
  recipe.mode = Mode::kWeightOnly;
  recipe.weight_dtype = c.dtype;
  recipe.block_size = c.block_size;
  const Tensor input = normal_tensor({3, c.inputs});
  const Model coded = testing::with_coded_weights(model, recipe, c.target);
  const Tensor wanted = run(with_decoded_weights(model, recipe, c.target), input);
  EXPECT_GT(sqnr_db(wanted, run(coded, input)), 35) << "seed " << kSeed;
}

TEST(WeightOnlyProductOfFewerBits, EqualsTheFloatProductWithDecodedWeights) {
  const Model model = product(70, 48, false);
  const Tensor input = normal_tensor({3, 70});
  for (const DType dtype : {DType::kInt4, DType::kUint4}) {
    Recipe recipe;
    recipe.mode = Mode::kWeightOnly;
    recipe.weight_dtype = dtype;
    recipe.rules.push_back(parse_rule("all: weight-bits=3"));
    const Model coded = testing::with_coded_weights(model, recipe, "onnxruntime-x86");
    const Tensor wanted = run(with_decoded_weights(model, recipe, "onnxruntime-x86"), input);
    EXPECT_GT(sqnr_db(wanted, run(coded, input)), 35) << traits(dtype).name << ", seed " << kSeed;
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const DType dtype : {DType::kInt8, DType::kUint8, DType::kInt4, DType::kUint4}) {
    for (const char* target : {"onnxruntime-x86", "openvino"}) {
      for (const std::int64_t inputs : {1024, 1000, 70, 33}) {
        for (const std::int64_t outputs : {1, 48}) {
          if (inputs * outputs < kFewestElements) continue;
          all.push_back({dtype, {}, target, inputs, outputs, outputs == 48 && inputs != 1000});
          all.push_back({dtype, 16, target, inputs, outputs, false});
        }
      }
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Shapes, WeightOnlyProduct, ::testing::ValuesIn(cases()));

// An encoder block: attention, a wide layer, an embedding and a projection.
Model encoder() {
  return testing::parse_graph(R"(
    opset 17
    input ids: int64[1,16]
    const table: float32[200,64] = random(1)
    const wq: float32[64,64] = random(2, -0.2, 0.2)
    const wk: float32[64,64] = random(3, -0.2, 0.2)
    const wv: float32[64,64] = random(4, -0.2, 0.2)
    const wo: float32[64,64] = random(5, -0.2, 0.2)
    const bo: float32[64] = random(6)
    const g: float32[64] = random(7, 0.5, 1.5)
    const b: float32[64] = random(8)
    const w1: float32[64,256] = random(9, -0.2, 0.2)
    const w2: float32[256,64] = random(10, -0.2, 0.2)
    const wp: float32[64,32] = random(11, -0.2, 0.2)
    const root: float32[1] = 0.125
    e = Gather(table, ids) "embed"
    q = MatMul(e, wq) "query"
    k = MatMul(e, wk) "key"
    v = MatMul(e, wv) "value"
    t = Transpose(k) {perm=[0,2,1]} "turn"
    s = MatMul(q, t) "scores"
    r = Mul(s, root) "scale"
    p = Softmax(r) {axis=-1} "softmax"
    a = MatMul(p, v) "attend"
    o = MatMul(a, wo) "out"
    c = Add(o, bo) "out_bias"
    d = Add(c, e) "residual"
    n = LayerNormalization(d, g, b) {axis=-1} "norm"
    h = MatMul(n, w1) "up"
    i = Relu(h) "relu"
    j = MatMul(i, w2) "down"
    l = Add(j, n) "residual2"
    y = MatMul(l, wp) "project"
    output y: float32[1,16,32]
  )");
}

Tensor token_ids() {
  std::mt19937 random(kSeed);
  Tensor ids(DType::kInt64, {1, 16});
  for (std::int64_t& id : ids.mutable_as<std::int64_t>()) {
    id = static_cast<std::int64_t>(random() % 200);
  }
  return ids;
}

Model encoder_in(Mode mode, std::optional<DType> dtype = {}, const char* target = "onnxruntime-x86",
                 std::vector<Rule> rules = {}) {
  QuantizeOptions options;
  options.recipe.rules = std::move(rules);
  options.target = target;
  options.recipe.mode = mode;
  options.recipe.weight_dtype = dtype;
  return quantize_model(encoder(), options).model;
}

TEST(ModesInRuntime, ARuleTakesABitAway) {
  const Tensor ids = token_ids();
  const Tensor wanted = run(encoder(), ids);
  const auto db_with = [&](std::vector<Rule> rules) {
    return sqnr_db(
        wanted,
        run(encoder_in(Mode::kWeightOnly, DType::kInt4, "onnxruntime-x86", std::move(rules)), ids));
  };
  const double four = db_with({});
  const double three = db_with({parse_rule("all: weight-bits=3")});
  EXPECT_LT(three, four - 3) << "half of the codes: some 6 dB";
  EXPECT_GT(three, four - 12);
}

TEST(ModesInRuntime, AnEncoderKeepsItsOutputs) {
  const Tensor ids = token_ids();
  const Tensor wanted = run(encoder(), ids);
  EXPECT_GT(sqnr_db(wanted, run(encoder_in(Mode::kWeightOnly), ids)), 28);
  EXPECT_GT(sqnr_db(wanted, run(encoder_in(Mode::kDynamic), ids)), 25);
  EXPECT_GT(sqnr_db(wanted, run(encoder_in(Mode::kFloat16), ids)), 50);
  const double int4 = sqnr_db(wanted, run(encoder_in(Mode::kWeightOnly, DType::kInt4), ids));
  const double uint4 = sqnr_db(wanted, run(encoder_in(Mode::kWeightOnly, DType::kUint4), ids));
  EXPECT_GT(int4, 15);
  EXPECT_GT(uint4, 15);
  EXPECT_NEAR(sqnr_db(wanted, run(encoder_in(Mode::kWeightOnly, DType::kInt4, "openvino"), ids)),
              int4, 1);
}

TEST(ModesInRuntime, TheRuntimeTakesEveryFormForAKernelOfCodes) {
  const auto int8 = executed(encoder_in(Mode::kWeightOnly));
  EXPECT_EQ(int8.count("MatMulNBits"), 7u);
  EXPECT_EQ(int8.count("DequantizeLinear"), 0u);
  EXPECT_EQ(executed(encoder_in(Mode::kWeightOnly, DType::kUint4)).count("MatMulNBits"), 7u);
  const auto dynamic = executed(encoder_in(Mode::kDynamic));
  // Query, key and value share the codes of their input.
  EXPECT_EQ(dynamic.count("MatMulIntegerToFloat"), 3u);
  EXPECT_EQ(dynamic.count("DynamicQuantizeLinear"), 1u);
  EXPECT_EQ(dynamic.count("DynamicQuantizeMatMul"), 4u);
  EXPECT_EQ(dynamic.count("MatMulInteger"), 0u);
}

TEST(ModesInRuntime, ABidirectionalLstmKeepsItsOutputs) {
  const Model model = testing::parse_graph(R"(
    opset 14
    input x: float32[7,2,32]
    const w: float32[2,128,32] = random(1, -0.3, 0.3)
    const r: float32[2,128,32] = random(2, -0.3, 0.3)
    const b: float32[2,256] = random(3, -0.1, 0.1)
    h = LSTM(x, w, r, b) {direction="bidirectional", hidden_size=32} "lstm"
    y = Identity(h) "end"
    output y: float32[7,2,2,32]
  )");
  for (const DType dtype : {DType::kInt8, DType::kUint8}) {
    QuantizeOptions options;
    options.recipe.mode = Mode::kDynamic;
    options.recipe.weight_dtype = dtype;
    const Model coded = quantize_model(model, options).model;
    EXPECT_EQ(executed(coded).count("DynamicQuantizeLSTM"), 1u);
    const Tensor input = normal_tensor({7, 2, 32});
    EXPECT_GT(sqnr_db(run(model, input), run(coded, input)), 30) << traits(dtype).name;
  }
}

TEST(ModesInRuntime, AConvolutionOfCodesRunsAsAFloatOne) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[1,16,12,12]
    const w: float32[32,16,3,3] = random(1)
    const v: float32[32,16,2,2] = random(2)
    c = Conv(x, w) "conv"
    y = ConvTranspose(c, v) {strides=[2,2]} "up"
    output y: float32[1,16,20,20]
  )");
  for (const DType dtype : {DType::kInt8, DType::kUint8}) {
    QuantizeOptions options;
    options.recipe.mode = Mode::kWeightOnly;
    options.recipe.weight_dtype = dtype;
    const Model coded = quantize_model(model, options).model;
    const auto types = executed(coded);
    EXPECT_EQ(types.count("Conv"), 1u);
    EXPECT_EQ(types.count("Cast") + types.count("Mul") + types.count("DequantizeLinear"), 0u);
    const Tensor input = normal_tensor({1, 16, 12, 12});
    const Model decoded = with_decoded_weights(model, options.recipe, options.target);
    EXPECT_GT(sqnr_db(run(decoded, input), run(coded, input)), 100);
    EXPECT_GT(sqnr_db(run(model, input), run(coded, input)), 38);
  }
}

// Two samples; the second leaves the range of float16 behind the square.
class LargeDataset final : public Dataset {
 public:
  std::size_t size() const override { return 2; }
  bool labelled() const override { return false; }
  Sample at(std::size_t index) const override {
    Sample sample;
    sample.inputs.push_back(Tensor::of<float>({1, 4}, {1, -2, index == 0 ? 3.0F : 400.0F, 4}));
    sample.name = "large[" + std::to_string(index) + "]";
    return sample;
  }
};

TEST(ModesInRuntime, DataFindOverflowsThatConstantsDoNotShow) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,4]
    s = Mul(x, x) "square"
    m = ReduceMean(s) {axes=[1], keepdims=1} "mean"
    y = Sqrt(m) "root"
    output y: float32[N,1]
  )");
  QuantizeOptions options;
  options.recipe.mode = Mode::kFloat16;
  const LargeDataset data;
  const QuantizeResult blind = quantize_model(model, options);
  const QuantizeResult seeing = quantize_model(model, data, options);
  EXPECT_EQ(seeing.samples, 2u);
  EXPECT_EQ(seeing.nodes[0].reason, "'s' reached 160000, beyond 65504 of float16");
  const Tensor input = data.at(1).inputs.front();
  const Tensor wanted = run(model, input);
  EXPECT_GT(sqnr_db(wanted, run(seeing.model, input)), 50);
  EXPECT_EQ(blind.nodes[0].decision, "quantized");
}

TEST(ModesInRuntime, WhatAModeHasNoUseForIsRefused) {
  const Model model = product(64, 64, false);
  const LargeDataset data;
  QuantizeOptions options;
  EXPECT_OCTAVO_ERROR(quantize_model(model, options), ErrorCode::kInvalidArgument,
                      "mode static needs calibration data");
  options.recipe.block_size = 32;
  EXPECT_OCTAVO_ERROR(inspect_model(model, options), ErrorCode::kInvalidArgument, "block size 32",
                      "mode static has no blocks");
  options = {};
  options.recipe.mode = Mode::kWeightOnly;
  EXPECT_OCTAVO_ERROR(quantize_model(model, data, options), ErrorCode::kInvalidArgument,
                      "mode weight-only has no use for calibration data without repairs");
  EXPECT_OCTAVO_ERROR(quantize_model(model, Statistics(), options), ErrorCode::kInvalidArgument,
                      "no use for statistics");
  EXPECT_OCTAVO_ERROR(calibration_task(model, options), ErrorCode::kInvalidArgument,
                      "mode weight-only", "expected static");
  options.budget = AccuracyBudget{0.01, &data};
  EXPECT_OCTAVO_ERROR(quantize_model(model, options), ErrorCode::kInvalidArgument,
                      "an accuracy budget");
  options = {};
  options.recipe.mode = Mode::kDynamic;
  options.recipe.activation_dtype = DType::kInt8;
  EXPECT_OCTAVO_ERROR(quantize_model(model, options), ErrorCode::kInvalidArgument,
                      "a type of activations");
  options = {};
  options.recipe.mode = Mode::kFloat16;
  options.recipe.weight_dtype = DType::kInt8;
  EXPECT_OCTAVO_ERROR(quantize_model(model, options), ErrorCode::kInvalidArgument,
                      "a type of weights");
  options = {};
  options.recipe.mode = Mode::kDynamic;
  options.target = "openvino";
  EXPECT_OCTAVO_ERROR(quantize_model(model, options), ErrorCode::kUnsupported,
                      "'openvino' has no mode dynamic", "static, weight-only, float16, bfloat16");
}

TEST(ModesInRuntime, AModeThatFindsNothingSaysSo) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,4]
    y = Relu(x) "relu"
    output y: float32[N,4]
  )");
  QuantizeOptions options;
  options.recipe.mode = Mode::kWeightOnly;
  const QuantizeResult result = quantize_model(model, options);
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_NE(result.warnings[0].find("mode weight-only found nothing to do"), std::string::npos);
  options.recipe.mode = Mode::kFloat16;
  EXPECT_TRUE(quantize_model(model, options).warnings.empty());
}

TEST(ModesInRuntime, UnknownModesAreRefused) {
  EXPECT_EQ(parse_mode("weight-only"), Mode::kWeightOnly);
  EXPECT_OCTAVO_ERROR(parse_mode("lazy"), ErrorCode::kInvalidArgument, "'lazy'",
                      "static, dynamic, weight-only, float16, bfloat16");
}

}  // namespace
}  // namespace octavo
