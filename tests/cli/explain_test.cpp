// The verbs that explain: analyze, compare, inspect, sweep, targets, and every --help.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/cli_fixture.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using testing::Cli;
using testing::ProgramResult;
using testing::run_octavo;

TEST_F(Cli, AnalyzesEachLayer) {
  const std::string analyze =
      "analyze " + path("model.onnx") + " --calibration " + path("labelled.npz");
  const ProgramResult table = run_octavo(analyze + " --metric top1");
  ASSERT_EQ(table.exit_code, 0) << table.errors;
  EXPECT_NE(table.output.find("node      type    outputs     top1   weight  activation  weights"),
            std::string::npos)
      << table.output;
  const std::string calibrate = "calibrate " + path("model.onnx") + " --calibration ";
  ASSERT_EQ(run_octavo(calibrate + path("labelled.npz") + " -o " + path("s")).exit_code, 0);
  const ProgramResult json =
      run_octavo(analyze + " --statistics " + path("s") + " --samples 3 --json");
  ASSERT_EQ(json.exit_code, 0) << json.errors;
  const auto report = nlohmann::json::parse(json.output);
  EXPECT_EQ(report["samples"], 3);
  ASSERT_EQ(report["layers"].size(), 2u);
  const auto& conv = report["layers"][report["layers"][0]["node"] == "conv" ? 0 : 1];
  EXPECT_EQ(conv["weights"], 16 * 3 * 3 * 3);
  EXPECT_GT(conv["weight"]["sqnr_db"], 30);
  EXPECT_GT(conv["activation"]["sqnr_db"], 30);
  EXPECT_GT(conv["output_sqnr_db"], 20);
  expect_failure(run_octavo(analyze + " --metric beauty"), 3, {"'beauty'", "sqnr"});
}

TEST_F(Cli, ComparesLayerByLayer) {
  ASSERT_EQ(quantize("model.onnx", "data.npz").exit_code, 0);
  const std::string models = path("model.onnx") + " " + path("out.onnx");
  const ProgramResult result =
      run_octavo("compare " + models + " --data " + path("data.npz") + " --json " + path("c.json"));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_NE(result.output.find("node      type"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("conv      Conv"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("Outputs: "), std::string::npos) << result.output;
  const auto report = nlohmann::json::parse(content_of("c.json"));
  EXPECT_EQ(report["samples"], 6);
  EXPECT_GT(report["outputs"]["as_written_sqnr_db"], 20);
  fs::remove(folder_ / "out.onnx");
  expect_failure(run_octavo("compare " + path("model.onnx") + " " + path("none.onnx") + " --data " +
                            path("data.npz")),
                 4, {"none.onnx"});
}

TEST_F(Cli, SimulatesTheKernelsOfAnotherMachine) {
  ASSERT_EQ(quantize("model.onnx", "data.npz").exit_code, 0);
  const std::string evaluate = "evaluate " + path("model.onnx") + " " + path("out.onnx") +
                               " --evaluation " + path("labelled.npz") + " --latency-seconds 0" +
                               " --simulate ";
  const ProgramResult saturating = run_octavo(evaluate + "onnxruntime-x86-avx2 --json");
  ASSERT_EQ(saturating.exit_code, 0) << saturating.errors;
  const auto simulation = nlohmann::json::parse(saturating.output)["simulations"][path("out.onnx")];
  EXPECT_EQ(simulation["target"], "onnxruntime-x86-avx2");
  ASSERT_EQ(simulation["layers"].size(), 2U);
  std::size_t saturated = 0;
  for (const auto& layer : simulation["layers"]) {
    saturated += layer["saturated_pairs"].get<std::size_t>();
  }
  const ProgramResult table = run_octavo(evaluate + "onnxruntime-x86-avx2");
  ASSERT_EQ(table.exit_code, 0) << table.errors;
  EXPECT_NE(table.output.find(path("out.onnx") + " as onnxruntime-x86-avx2 would compute it"),
            std::string::npos)
      << table.output;
  EXPECT_EQ(table.output.find("no sum saturates") == std::string::npos, saturated > 0)
      << table.output;
  const ProgramResult sound = run_octavo(evaluate + "onnxruntime-x86");
  EXPECT_NE(sound.output.find("no sum saturates in 2 integer layers"), std::string::npos)
      << sound.output;
  fs::remove(folder_ / "out.onnx");
}

TEST_F(Cli, InspectsWithReasons) {
  const ProgramResult result = run_octavo("inspect " + path("model.onnx") + " --all");
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_NE(result.output.find("input    x: float32[?, 3, 8, 8]"), std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("taken over by the codes of 'conv'"), std::string::npos);
  const auto json =
      nlohmann::json::parse(run_octavo("inspect " + path("model.onnx") + " --json").output);
  EXPECT_EQ(json.size(), 4u);
  EXPECT_EQ(json[0]["decision"], "quantized");
}

TEST_F(Cli, SweepsAndReadsBack) {
  const std::string command = "sweep " + path("model.onnx") + " --calibration " + path("data.npz") +
                              " --evaluation " + path("labelled.npz") +
                              " --weights symmetric --activations asymmetric --calibrator max,mse" +
                              " --latency-seconds 0.01 -o " + path("sweep");
  const ProgramResult first = run_octavo(command);
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  EXPECT_NE(first.output.find("4 recipes, 0 of them read back"), std::string::npos) << first.output;
  EXPECT_NE(first.output.find("granularity  calibrator"), std::string::npos) << first.output;
  for (const char* file : {"sweep.json", "sweep.csv", "sweep.svg"}) {
    EXPECT_TRUE(fs::exists(folder_ / "sweep" / file)) << file;
  }
  const std::string json = content_of("sweep/sweep.json");
  const ProgramResult second = run_octavo(command);
  EXPECT_NE(second.output.find("4 recipes, 4 of them read back"), std::string::npos)
      << second.output;
  EXPECT_EQ(content_of("sweep/sweep.json"), json);
  const ProgramResult repaired = run_octavo(command + " --repair none,equalize+bias");
  EXPECT_NE(repaired.output.find("8 recipes, 4 of them"), std::string::npos) << repaired.output;
  EXPECT_NE(repaired.output.find("equalize+bias"), std::string::npos) << repaired.output;
  expect_failure(run_octavo(command + " --repair magic"), 3, {"unknown repair 'magic'"});
  expect_failure(run_octavo(command + " --calibrator beauty"), 3, {"'beauty'"});
  expect_failure(run_octavo(command + " --granularity per-word"), 3, {"'per-word'", "per-tensor"});
}

TEST_F(Cli, TargetsAreListedPrintedAndChecked) {
  const ProgramResult list = run_octavo("targets");
  EXPECT_EQ(list.exit_code, 0);
  for (const char* target : {"onnxruntime-x86 ", "openvino ", "tensorrt ", "tflite-spec "}) {
    EXPECT_NE(list.output.find(target), std::string::npos) << list.output;
  }
  const ProgramResult printed = run_octavo("targets tensorrt");
  std::ofstream(folder_ / "mine.json") << printed.output;
  const ProgramResult checked = run_octavo("targets " + path("mine.json"));
  EXPECT_EQ(checked.exit_code, 0) << checked.errors;
  EXPECT_NE(checked.output.find("a valid target, 'tensorrt'"), std::string::npos);
  std::ofstream(folder_ / "bad.json") << "{\"format\": 1,\n \"name\": 7}";
  expect_failure(run_octavo("targets " + path("bad.json")), 8, {"bad.json:1", "is missing"});
  expect_failure(run_octavo("targets tpu"), 3, {"'tpu'", "onnxruntime-x86"});
}

TEST_F(Cli, HelpHasAnExampleForEveryVerb) {
  for (const char* verb : {"analyze", "calibrate", "evaluate", "inspect", "merge", "quantize",
                           "samples", "select", "targets"}) {
    const ProgramResult result = run_octavo(std::string(verb) + " --help");
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_NE(result.output.find(std::string("octavo ") + verb), std::string::npos) << verb;
    EXPECT_NE(result.output.find("Example:"), std::string::npos) << verb;
  }
}

}  // namespace
}  // namespace octavo
