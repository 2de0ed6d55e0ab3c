// On real models: every Conv that the plan quantizes runs as an integer kernel.
#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <vector>

#include "octavo/evaluation.h"
#include "octavo/quantize.h"
#include "onnx/onnx-ml.pb.h"
#include "support/paths.h"

namespace octavo {
namespace {

class SharedModels : public ::testing::TestWithParam<const char*> {};

TEST_P(SharedModels, EveryPlannedConvRunsAsAnIntegerKernel) {
  OCTAVO_REQUIRE_ASSETS();
  const std::string name = GetParam();
  const Model model = read_model(testing::assets_dir() / "models" / (name + ".onnx"));
  const auto data = open_dataset(
      testing::source_dir() / "tests" / "recipes" / (name + "_calibration.yaml"), model.inputs());
  const CalibrationTask task = calibration_task(model, {});
  CalibrationOptions options;
  options.last = 8;  // placement and fusion do not depend on the ranges
  const Statistics statistics =
      calibrate(task.model, task.tensors, *data, *make_executor("onnxruntime"), options);
  const QuantizeResult result = quantize_model(model, statistics, {});
  std::size_t planned = 0;
  for (const NodeOutcome& node : result.nodes) {
    planned += node.op_type == "Conv" && node.decision == "quantized" ? 1 : 0;
  }
  std::size_t integer = 0;
  std::size_t floating = 0;
  for (const ExecutedNode& node : make_executor("onnxruntime")->executed_graph(result.model)) {
    integer += node.op_type == "QLinearConv" ? 1 : 0;
    floating += node.op_type == "Conv" || node.op_type == "FusedConv" ? 1 : 0;
  }
  EXPECT_GT(planned, 0u);
  EXPECT_EQ(integer, planned);
  EXPECT_EQ(floating, 0u);
}

// Pixels in, against the float network on normalized images: no arithmetic in front, and no loss.
TEST(SharedModelsInPixels, Resnet20KeepsItsAccuracyOnUint8Images) {
  OCTAVO_REQUIRE_ASSETS();
  const Model model = read_model(testing::assets_dir() / "models" / "resnet20_cifar10.onnx");
  const auto open = [&](const std::string& part) {
    return open_dataset(
        testing::source_dir() / "tests" / "recipes" / ("resnet20_cifar10_" + part + ".yaml"),
        model.inputs());
  };
  QuantizeOptions options;
  options.recipe.pixels = Normalization{255, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}, 1};
  const QuantizeResult result = quantize_model(model, *open("calibration"), options);
  EXPECT_EQ(result.pixels, "folded into node 'conv1' (Conv), a channel added for its padding");
  EXPECT_EQ(result.model.inputs().front().dtype, DType::kUint8);
  for (const onnx::NodeProto& node : result.model.proto().graph().node()) {
    EXPECT_NE(node.op_type(), "Cast");
    EXPECT_NE(node.op_type(), "Sub");
  }
  EvaluationOptions evaluation;
  evaluation.latency_seconds = 0;
  evaluation.metrics = {"top1", "agreement"};
  const std::vector<EvaluatedModel> models = {{"float", &model, 1}, {"pixels", &result.model, 1}};
  const EvaluationReport report =
      evaluate_models(models, *open("evaluation"), *make_executor("onnxruntime"), evaluation);
  EXPECT_GT(*report.models[1].metric("top1"), *report.models[0].metric("top1") - 0.005);
  EXPECT_GT(*report.models[1].metric("agreement"), 0.98);
}

INSTANTIATE_TEST_SUITE_P(All, SharedModels,
                         ::testing::Values("kws_fp32", "mobilenet_v2_1.0_224", "ppocr_cls",
                                           "resnet20_cifar10", "resnet56_cifar10", "resnet8",
                                           "squeezenet1.1", "vww_96"),
                         [](const auto& name) {
                           std::string text = name.param;
                           for (char& c : text) c = std::isalnum(c) != 0 ? c : '_';
                           return text;
                         });

}  // namespace
}  // namespace octavo
