// Each cause by its figures: what makes it speak, and what keeps it silent.
#include <gtest/gtest.h>

#include <set>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

// Loses much, for no reason that any rule knows.
LayerComparison suffering() {
  LayerComparison layer;
  layer.node = "conv";
  layer.op_type = "Conv";
  layer.effect_db = 10;
  layer.channels = 16;
  layer.quantizer = ResultQuantizer{DType::kUint8, 0.02, {-1, 4}, {-1, 4}, 1, 0, 35};
  layer.weight = WeightComparison{DType::kInt8, Granularity::kPerChannel, false, 60, 1, 40, 40, 0};
  return layer;
}

ComparisonReport judged(const LayerComparison& layer) {
  ComparisonReport report;
  report.layers = {layer};
  name_causes(report);
  return report;
}

std::string cause_of(const LayerComparison& layer) {
  const ComparisonReport report = judged(layer);
  const auto& causes = report.layers.front().causes;
  return causes.empty() ? "none" : std::string(causes.front().name);
}

std::string flag_of(const LayerComparison& layer) {
  return judged(layer).layers.front().causes.at(0).flag;
}

TEST(Causes, NoneWhereNothingIsTheMatter) { EXPECT_EQ(cause_of(suffering()), "none"); }

TEST(Causes, HealthyLayersHaveNone) {
  LayerComparison layer = suffering();
  layer.weight->depthwise = true;
  layer.weight->granularity = Granularity::kPerTensor;
  layer.weight->widest_over_median = 30;
  EXPECT_EQ(cause_of(layer), "depthwise-scale");
  layer.effect_db = 30;
  EXPECT_EQ(cause_of(layer), "none");
}

TEST(Causes, SaturatedBias) {
  LayerComparison layer = suffering();
  layer.bias = BiasComparison{0};
  EXPECT_EQ(cause_of(layer), "none");
  layer.bias = BiasComparison{0.25};
  EXPECT_EQ(cause_of(layer), "saturated-bias");
}

TEST(Causes, DepthwiseScaleNeedsOneScaleAndUnlikeChannels) {
  LayerComparison layer = suffering();
  layer.weight->depthwise = true;
  layer.weight->widest_over_median = 10;
  EXPECT_EQ(cause_of(layer), "none");
  layer.weight->granularity = Granularity::kPerTensor;
  EXPECT_EQ(cause_of(layer), "depthwise-scale");
  EXPECT_EQ(flag_of(layer), "--granularity per-channel");
  layer.weight->widest_over_median = 2;
  EXPECT_EQ(cause_of(layer), "none");
}

TEST(Causes, SharedConcatScaleAtTheConcatAndBeforeIt) {
  LayerComparison concat = suffering();
  concat.node = "join";
  concat.op_type = "Concat";
  concat.weight.reset();
  concat.inputs = {"boxes", "scores"};
  concat.input_magnitudes = {600, 1};
  concat.readers = {"head"};
  EXPECT_EQ(cause_of(concat), "shared-concat-scale");
  EXPECT_EQ(flag_of(concat), "--exclude 'join' --exclude 'head'");
  concat.input_magnitudes = {2, 1};
  EXPECT_EQ(cause_of(concat), "none");

  LayerComparison before = suffering();
  before.readers = {"join"};
  before.reader_types = {"Concat"};
  before.quantizer->covered = {0, 600};
  EXPECT_EQ(cause_of(before), "shared-concat-scale");
  before.reader_types = {"Conv"};
  EXPECT_EQ(cause_of(before), "unused-range");
}

TEST(Causes, ClippedRangeOfValuesAndOfWeights) {
  LayerComparison values = suffering();
  values.quantizer->clipped_share = 0.01;
  EXPECT_EQ(cause_of(values), "none");  // clipped on purpose: what is left is fine
  values.quantizer->rounding_sqnr_db = 12;
  EXPECT_EQ(cause_of(values), "clipped-range");
  EXPECT_EQ(flag_of(values), "--calibrator min-max");

  LayerComparison weights = suffering();
  weights.weight->clipped_share = 0.01;
  weights.weight->sqnr_db = 12;
  EXPECT_EQ(flag_of(weights), "--weight-calibrator max");
}

TEST(Causes, OutlierChannelOfTheResultTheWeightsAndTheInput) {
  LayerComparison result = suffering();
  result.starved_channels = 15;
  EXPECT_EQ(cause_of(result), "outlier-channel");
  EXPECT_EQ(flag_of(result), "--repair equalize");

  LayerComparison weights = suffering();
  weights.weight->widest_over_median = 100;
  EXPECT_EQ(cause_of(weights), "none");  // each channel has its own scale
  weights.weight->granularity = Granularity::kPerTensor;
  EXPECT_EQ(cause_of(weights), "outlier-channel");

  LayerComparison input = suffering();
  input.starved_input_share = 0.9;
  EXPECT_EQ(cause_of(input), "outlier-channel");
  input.starved_input_share = 0.1;
  EXPECT_EQ(cause_of(input), "none");
}

TEST(Causes, CurvedInputNeedsCoarseStepsAndACurve) {
  LayerComparison layer = suffering();
  layer.readers = {"softmax"};
  layer.reader_types = {"Softmax"};
  EXPECT_EQ(cause_of(layer), "none");
  layer.quantizer->scale = 0.5;
  EXPECT_EQ(cause_of(layer), "curved-input");
  layer.reader_types = {"Conv"};
  EXPECT_EQ(cause_of(layer), "none");
}

TEST(Causes, WeightScaleOutlierValuesAndUnusedRange) {
  LayerComparison coarse = suffering();
  coarse.weight->granularity = Granularity::kPerTensor;
  coarse.weight->channel_sqnr_db = 20;
  EXPECT_EQ(cause_of(coarse), "weight-scale");

  LayerComparison outliers = suffering();
  outliers.quantizer->deviation = 0.05;
  EXPECT_EQ(cause_of(outliers), "outlier-values");

  LayerComparison unused = suffering();
  unused.quantizer->seen = {0, 1};
  EXPECT_EQ(cause_of(unused), "unused-range");
}

TEST(Causes, Int16SaturationIsARiskOfUnsignedTimesWideSignedCodes) {
  LayerComparison input;
  input.tensor = "x";
  input.effect_db = 40;
  input.quantizer = ResultQuantizer{};
  LayerComparison layer = suffering();
  layer.inputs = {"x"};
  layer.weight->highest_code = 127;
  ComparisonReport report;
  report.layers = {input, layer};
  report.kernels = {30, 30};
  name_causes(report);
  ASSERT_EQ(report.risks.size(), 1U);
  EXPECT_EQ(report.risks[0].flag, "--target onnxruntime-x86-avx2");
  EXPECT_NE(report.risks[0].sentence.find("not on this machine"), std::string::npos);

  report.risks.clear();
  report.kernels = {30, 12};
  name_causes(report);
  EXPECT_NE(report.risks.at(0).sentence.find("this machine's outputs are worse"),
            std::string::npos);

  report.risks.clear();
  report.layers[1].weight->highest_code = 64;  // seven bits
  name_causes(report);
  EXPECT_TRUE(report.risks.empty());

  report.layers[1].weight->highest_code = 127;
  report.layers[0].quantizer->dtype = DType::kInt8;
  name_causes(report);
  EXPECT_TRUE(report.risks.empty());
}

TEST(Causes, LayersThatTheRuntimeQuantizesUnaskedAreNamed) {
  ComparisonReport report;
  report.layers = {suffering()};
  report.kernels = {30, 3};
  name_causes(report);
  EXPECT_TRUE(report.risks.empty());
  report.unasked_layers = {"conv7", "conv9"};
  name_causes(report);
  ASSERT_EQ(report.risks.size(), 1U);
  EXPECT_EQ(report.risks[0].name, "quantized-unasked");
  EXPECT_NE(report.risks[0].sentence.find("2 layer(s) have float weights between codes, 'conv7'"),
            std::string::npos);
}

TEST(Causes, HaveNamesOfTheirOwnAndHelp) {
  std::set<std::string_view> names;
  for (const CauseInfo& cause : known_causes()) {
    EXPECT_TRUE(names.insert(cause.name).second) << cause.name;
    EXPECT_FALSE(cause.help.empty()) << cause.name;
  }
  EXPECT_EQ(names.size(), cause_rules().size());
}

}  // namespace
}  // namespace octavo
