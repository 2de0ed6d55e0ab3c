// The whole path, from files to accuracy, on real models: preprocessing that is slightly wrong
// costs points. The expected figures are those of shared/assets/README.md, made with PIL and NumPy.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/model.h"
#include "support/paths.h"

namespace octavo {
namespace {

struct Case {
  std::string model;
  std::string recipe;
  double accuracy_percent;
  std::size_t samples;
};

void PrintTo(const Case& test_case, std::ostream* stream) { *stream << test_case.recipe; }

std::int64_t largest(const Tensor& scores) {
  const auto values = scores.as<float>();
  return std::max_element(values.begin(), values.end()) - values.begin();
}

class FloatAccuracy : public ::testing::TestWithParam<Case> {};

TEST_P(FloatAccuracy, EqualsTheReference) {
  OCTAVO_REQUIRE_ASSETS();
  const Model model = read_model(testing::assets_dir() / "models" / (GetParam().model + ".onnx"));
  const auto recipe = testing::source_dir() / "tests" / "recipes" / (GetParam().recipe + ".yaml");
  const auto dataset = open_dataset(recipe, model.inputs());
  ASSERT_EQ(dataset->size(), GetParam().samples);
  const auto session = make_executor("onnxruntime")->load(model, {});
  std::size_t hits = 0;
  for (std::size_t i = 0; i < dataset->size(); ++i) {
    const Sample sample = dataset->at(i);
    hits += largest(session->run(sample.inputs).front()) == sample.label ? 1 : 0;
  }
  const double percent = 100.0 * static_cast<double>(hits) / static_cast<double>(dataset->size());
  RecordProperty("accuracy_percent", std::to_string(percent));
  EXPECT_NEAR(percent, GetParam().accuracy_percent, 0.1);
}

TEST(SharedRecipes, CalibrateOnTheAgreedNumberOfSamples) {
  OCTAVO_REQUIRE_ASSETS();
  const std::map<std::string, std::size_t> expected = {
      {"kws_fp32", 200},         {"mobilenet_v2_1.0_224", 100},
      {"ppocr_cls", 200},        {"resnet20_cifar10", 300},
      {"resnet56_cifar10", 300}, {"resnet8", 300},
      {"squeezenet1.1", 100},    {"vww_96", 64}};
  for (const auto& [model, samples] : expected) {
    const auto inputs = read_model(testing::assets_dir() / "models" / (model + ".onnx")).inputs();
    const auto recipe = testing::source_dir() / "tests" / "recipes" / (model + "_calibration.yaml");
    const auto dataset = open_dataset(recipe, inputs);
    EXPECT_EQ(dataset->size(), samples) << model;
    EXPECT_NO_THROW(dataset->at(samples - 1)) << model;
  }
}

INSTANTIATE_TEST_SUITE_P(
    SharedModels, FloatAccuracy,
    ::testing::Values(Case{"kws_fp32", "kws_fp32", 91.3, 1000},
                      Case{"kws_fp32", "kws_fp32_evaluation", 91.25, 800},
                      Case{"mobilenet_v2_1.0_224", "mobilenet_v2_1.0_224", 90.4, 500},
                      Case{"mobilenet_v2_1.0_224", "mobilenet_v2_1.0_224_evaluation", 91.5, 400},
                      Case{"ppocr_cls", "ppocr_cls", 89.375, 800},
                      Case{"ppocr_cls", "ppocr_cls_evaluation", 89.5, 600},
                      Case{"resnet20_cifar10", "resnet20_cifar10_evaluation", 81.03, 10000},
                      Case{"resnet56_cifar10", "resnet56_cifar10_evaluation", 83.2, 10000},
                      Case{"resnet8", "resnet8_evaluation", 75.48, 10000},
                      Case{"squeezenet1.1", "squeezenet1.1", 59.8, 500},
                      Case{"squeezenet1.1", "squeezenet1.1_evaluation", 59, 400},
                      Case{"vww_96", "vww_96", 86.33, 256},
                      Case{"vww_96", "vww_96_evaluation", 87.5, 192}),
    [](const auto& test_info) {
      std::string name = test_info.param.recipe;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

}  // namespace
}  // namespace octavo
