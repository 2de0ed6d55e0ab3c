// Every shared model through the whole preparation: same outputs, and what each pass did.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "model/print.h"
#include "octavo/executor.h"
#include "onnx/onnx-ml.pb.h"
#include "prepare/pass_testing.h"
#include "prepare/prepare.h"
#include "support/paths.h"

namespace octavo {
namespace {

class PreparedModels : public ::testing::TestWithParam<const char*> {};

void print_report(const PreparedModel& prepared) {
  for (const PassReport& report : prepared.passes) {
    if (report.changes.empty() && report.refusals.empty()) continue;
    std::cout << "  " << report.pass << ": " << report.changes.size() << " changes, "
              << report.refusals.size() << " refusals, " << report.microseconds / 1000 << " ms\n";
    for (const PassNote& note : report.refusals) {
      std::cout << "    refused " << note.node << ": " << note.text << '\n';
    }
  }
}

TEST_P(PreparedModels, ComputeTheSame) {
  OCTAVO_REQUIRE_ASSETS();
  const Model model = read_model(testing::assets_dir() / "models" / GetParam());
  const auto executor = make_executor("onnxruntime");
  PrepareOptions options;
  options.opset = 13;
  options.evaluate = make_constant_evaluator(*executor);
  const PreparedModel prepared = prepare(model, options);
  std::cout << GetParam() << ": " << model.proto().graph().node_size() << " nodes become "
            << prepared.model.proto().graph().node_size() << '\n';
  print_report(prepared);
  testing::expect_same_outputs(model, prepared.model);
  const PreparedModel again = prepare(prepared.model, options);
  for (const PassReport& report : again.passes) EXPECT_TRUE(report.changes.empty()) << report.pass;
  EXPECT_EQ(print_graph(again.model), print_graph(prepared.model));
}

INSTANTIATE_TEST_SUITE_P(Assets, PreparedModels,
                         ::testing::Values("kws_fp32.onnx", "mobilenet_v2_1.0_224.onnx",
                                           "ppocr_cls.onnx", "resnet20_cifar10.onnx",
                                           "resnet56_cifar10.onnx", "resnet8.onnx",
                                           "squeezenet1.1.onnx", "vww_96.onnx"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](unsigned char letter) { return std::isalnum(letter) == 0; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace octavo
