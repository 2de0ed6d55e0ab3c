// A model that takes and gives codes computes what the model with float inputs and outputs
// computes.
#include <gtest/gtest.h>

#include <random>

#include "model/io_params.h"
#include "model/print.h"
#include "octavo/comparison.h"
#include "octavo/evaluation.h"
#include "octavo/executor.h"
#include "octavo/quantize.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,3,8,8]
  const w: float32[8,3,3,3] = random(1)
  const b: float32[8] = random(2)
  const v: float32[8,4] = random(3)
  c = Conv(x, w, b) {pads=[1,1,1,1]} "conv"
  r = Relu(c) "relu"
  g = GlobalAveragePool(r) "average"
  f = Flatten(g) "flatten"
  y = Gemm(f, v) "classifier"
  output y: float32[N,4]
)";

// Padded and grouped: its normalization cannot be folded.
constexpr std::string_view kGrouped = R"(
  opset 13
  input x: float32[N,3,8,8]
  const w: float32[6,1,3,3] = random(1)
  const v: float32[6,4] = random(3)
  c = Conv(x, w) {group=3, pads=[1,1,1,1]} "conv"
  g = GlobalAveragePool(c) "average"
  f = Flatten(g) "flatten"
  y = Gemm(f, v) "classifier"
  output y: float32[N,4]
)";

struct Pair {
  Model numbers;
  Model codes;
};

// The same quantization with float and with other borders.
Pair quantized(const Recipe& border, std::string_view network = kNetwork) {
  const Model model = testing::parse_graph(network);
  const testing::NoiseDataset data({1, 3, 8, 8}, 8);
  QuantizeOptions options;
  options.recipe = border;
  Pair pair;
  pair.codes = quantize_model(model, data, options).model;
  options.recipe.input_dtype.reset();
  if (!border.output_dtype) {
    options.recipe.pixels.reset();
    pair.numbers = quantize_model(model, data, options).model;
  }
  return pair;
}

std::vector<Tensor> run(const Model& model, const Tensor& input) {
  return make_executor("onnxruntime")->load(model, {})->run(std::span(&input, 1));
}

std::vector<double> values(const Tensor& tensor) {
  std::vector<double> result;
  for (std::size_t i = 0; i < tensor.size(); ++i) result.push_back(tensor.at(i));
  return result;
}

const Normalization kImagenet{255, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}, 1};

// As data recipes do, one rounding a step.
Tensor normalize(const Tensor& pixels) {
  Tensor normalized(DType::kFloat32, pixels.shape());
  const std::size_t plane = pixels.size() / 3;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const float shifted =
        static_cast<float>(pixels.at(i)) / 255.0F - static_cast<float>(kImagenet.mean[i / plane]);
    normalized.mutable_as<float>()[i] =
        shifted / static_cast<float>(kImagenet.standard_deviation[i / plane]);
  }
  return normalized;
}

// 0 to 255.
Tensor pixels(unsigned seed) {
  std::mt19937 generator(seed);
  Tensor tensor(DType::kUint8, {1, 3, 8, 8});
  for (std::uint8_t& value : tensor.mutable_as<std::uint8_t>()) {
    value = static_cast<std::uint8_t>(generator() % 256);
  }
  return tensor;
}

TEST(QuantizedIoInRuntime, CodesInGiveTheNumbersOfTheFloatInput) {
  for (const DType dtype : {DType::kUint8, DType::kInt8}) {
    Recipe recipe;
    recipe.input_dtype = dtype;
    const Pair pair = quantized(recipe);
    const testing::NoiseDataset data({1, 3, 8, 8}, 8);
    const auto params = io_params(pair.codes, "x");
    ASSERT_TRUE(params.has_value());
    for (std::size_t i = 0; i < data.size(); ++i) {
      const Tensor input = data.at(i).inputs[0];
      const auto expected = run(pair.numbers, input);
      const auto found = run(pair.codes, to_codes(input, dtype, *params));
      EXPECT_EQ(values(found[0]), values(expected[0])) << traits(dtype).name << ", sample " << i;
    }
  }
}

TEST(QuantizedIoInRuntime, CodesOutAreThoseOfTheSameModel) {
  Recipe as_uint8;
  as_uint8.output_dtype = DType::kUint8;
  Recipe as_int8;
  as_int8.output_dtype = DType::kInt8;
  const Model unsigned_codes = quantized(as_uint8).codes;
  const Model signed_codes = quantized(as_int8).codes;
  EXPECT_EQ(io_params(signed_codes, "y")->zero_point[0],
            io_params(unsigned_codes, "y")->zero_point[0] - 128);
  const Tensor input = testing::NoiseDataset({1, 3, 8, 8}, 1).at(0).inputs[0];
  const Tensor first = run(unsigned_codes, input)[0];
  const Tensor second = run(signed_codes, input)[0];
  ASSERT_EQ(first.dtype(), DType::kUint8);
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first.at(i) - 128, second.at(i));
}

TEST(QuantizedIoInRuntime, PixelsThatAreNormalizedByTheModelGiveTheSame) {
  Recipe recipe;
  recipe.pixels = kImagenet;
  const Pair pair = quantized(recipe, kGrouped);
  for (unsigned seed = 1; seed < 5; ++seed) {
    const Tensor fed = pixels(seed);
    const IoParams params = io_params(pair.codes, "x").value();
    const Tensor normalized = normalize(fed);
    EXPECT_EQ(values(to_codes(normalized, DType::kUint8, params)), values(fed))
        << "the metadata lead back";
    EXPECT_EQ(values(run(pair.codes, fed)[0]), values(run(pair.numbers, normalized)[0]))
        << "seed " << seed;
  }
}

// Images of noise, normalized.
class ImageDataset final : public Dataset {
 public:
  std::size_t size() const override { return 16; }
  bool labelled() const override { return false; }
  Sample at(std::size_t index) const override {
    return {{normalize(pixels(static_cast<unsigned>(index) + 1))}, std::nullopt, "image"};
  }
};

double sqnr_db(const Model& model, const Model& quantized) {
  EvaluationOptions options;
  options.latency_seconds = 0;
  options.metrics = {"sqnr"};
  const std::vector<EvaluatedModel> models = {{"float", &model, 1}, {"int8", &quantized, 1}};
  return evaluate_models(models, ImageDataset(), *make_executor("onnxruntime"), options)
      .models[1]
      .metric("sqnr")
      .value();
}

TEST(QuantizedIoInRuntime, FoldedPixelsNeedNoArithmeticAndCostNothing) {
  const Model model = testing::parse_graph(kNetwork);
  QuantizeOptions options;
  const Model numbers = quantize_model(model, ImageDataset(), options).model;
  options.recipe.pixels = kImagenet;
  const QuantizeResult folded = quantize_model(model, ImageDataset(), options);
  EXPECT_EQ(folded.pixels, "folded into node 'conv' (Conv), a channel added for its padding");
  const std::string text = print_graph(folded.model);
  EXPECT_NE(text.find("input x: uint8[N,3,8,8]"), std::string::npos) << text;
  EXPECT_NE(text.find("x_masked_quantized = Pad(x, "), std::string::npos) << text;
  for (const char* arithmetic : {"Cast(", "Sub(", "Div(", "Mul("}) {
    EXPECT_EQ(text.find(arithmetic), std::string::npos) << text;
  }
  const IoParams params = io_params(folded.model, "x").value();
  EXPECT_EQ(params.scale.size(), 3u);
  const Tensor fed = pixels(1);
  EXPECT_EQ(values(to_codes(normalize(fed), DType::kUint8, params)), values(fed));
  // Pixels are exact codes, so nothing is lost beside the model with a float input.
  EXPECT_GT(sqnr_db(model, folded.model), sqnr_db(model, numbers) - 1);
}

TEST(QuantizedIoInRuntime, AnAccuracyBudgetIsKeptInPixelsToo) {
  const ImageDataset images;
  QuantizeOptions options;
  options.recipe.pixels = kImagenet;
  options.repairs = {"bias"};
  options.budget = AccuracyBudget{.max_drop = 0.01, .evaluation = &images, .metric = "sqnr"};
  const QuantizeResult result = quantize_model(testing::parse_graph(kNetwork), images, options);
  ASSERT_TRUE(result.budget.has_value());
  EXPECT_GT(sqnr_db(testing::parse_graph(kNetwork), result.model), 20);
}

TEST(QuantizedIoInRuntime, EvaluatingReadsTheMetadata) {
  Recipe recipe;
  recipe.input_dtype = DType::kUint8;
  const Pair pair = quantized(recipe);
  EvaluationOptions options;
  options.latency_seconds = 0;
  options.metrics = {"agreement", "mse"};
  const std::vector<EvaluatedModel> models = {{"float input", &pair.numbers, 1},
                                              {"codes", &pair.codes, 1}};
  const EvaluationReport report = evaluate_models(models, testing::NoiseDataset({1, 3, 8, 8}, 8),
                                                  *make_executor("onnxruntime"), options);
  EXPECT_EQ(report.models[1].metric("agreement"), 1.0);
  EXPECT_EQ(report.models[1].metric("mse"), 0.0);
}

TEST(QuantizedIoInRuntime, ComparingReadsTheMetadata) {
  Recipe recipe;
  recipe.input_dtype = DType::kUint8;
  const Pair pair = quantized(recipe);
  const Model model = testing::parse_graph(kNetwork);
  const testing::NoiseDataset data({1, 3, 8, 8}, 8);
  const ComparisonReport numbers = compare_models(model, pair.numbers, data, {});
  const ComparisonReport codes = compare_models(model, pair.codes, data, {});
  ASSERT_EQ(codes.layers.size(), numbers.layers.size());
  for (std::size_t i = 0; i < codes.layers.size(); ++i) {
    EXPECT_EQ(codes.layers[i].tensor, numbers.layers[i].tensor);
    EXPECT_EQ(codes.layers[i].effect_db, numbers.layers[i].effect_db) << codes.layers[i].tensor;
    EXPECT_EQ(codes.layers[i].so_far.sqnr_db, numbers.layers[i].so_far.sqnr_db);
  }
}

// Pixels and normalized numbers go by one name in the two files; they are no layer to compare.
TEST(QuantizedIoInRuntime, ComparingLooksAtNumbersBehindFoldedPixels) {
  const Model model = testing::parse_graph(kNetwork);
  QuantizeOptions options;
  options.recipe.pixels = kImagenet;
  const Model folded = quantize_model(model, ImageDataset(), options).model;
  const ComparisonReport report = compare_models(model, folded, ImageDataset(), {});
  ASSERT_GE(report.layers.size(), 3u);
  for (const LayerComparison& layer : report.layers) {
    EXPECT_GT(layer.so_far.sqnr_db, 20) << layer.tensor;
  }
}

}  // namespace
}  // namespace octavo
