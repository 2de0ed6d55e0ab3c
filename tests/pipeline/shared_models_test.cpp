// On real models: every Conv that the plan quantizes runs as an integer kernel.
#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "octavo/quantize.h"
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
