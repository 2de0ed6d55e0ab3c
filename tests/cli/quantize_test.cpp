// `octavo quantize`: static, in the other modes, repaired, within budgets.
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

TEST_F(Cli, QuantizesAndEvaluates) {
  const ProgramResult quantized = quantize("model.onnx", "data.npz");
  ASSERT_EQ(quantized.exit_code, 0) << quantized.errors;
  EXPECT_NE(quantized.output.find("Conv              1         0      0"), std::string::npos)
      << quantized.output;
  ASSERT_TRUE(fs::exists(folder_ / "out.onnx"));
  const ProgramResult evaluated =
      run_octavo("evaluate " + path("model.onnx") + " " + path("out.onnx") + " --evaluation " +
                 path("labelled.npz") + " --latency-seconds 0.01 --json");
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.errors;
  const auto report = nlohmann::json::parse(evaluated.output);
  EXPECT_EQ(report["samples"], 6);
  EXPECT_GT(report["models"][1]["metrics"]["sqnr"]["value"], 20);
  const ProgramResult table =
      run_octavo("evaluate " + path("model.onnx") + " " + path("out.onnx") + " --evaluation " +
                 path("labelled.npz") + " --latency-seconds 0.01");
  EXPECT_NE(table.output.find("top1 (95 % interval)"), std::string::npos) << table.output;
}

TEST_F(Cli, SaysWhatBecameOfTheNormalizationOfPixels) {
  const auto quantize_pixels = [&](const std::string& values) {
    std::ofstream(folder_ / "data.yaml")
        << "source: data.npz\nvalues: " << values << "\nstored: {layout: nchw}\n";
    return run_octavo("quantize " + path("model.onnx") + " --calibration " + path("data.yaml") +
                      " --input-pixels --coverage widest --repair none -o " + path("out.onnx"));
  };
  const ProgramResult scaled = quantize_pixels("{divide: 255}");
  ASSERT_EQ(scaled.exit_code, 0) << scaled.errors;
  EXPECT_NE(scaled.output.find("pixels: the input's own codes"), std::string::npos)
      << scaled.output;
  const ProgramResult folded = quantize_pixels("{mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.2]}");
  ASSERT_EQ(folded.exit_code, 0) << folded.errors;
  EXPECT_NE(folded.output.find("pixels: folded into node "), std::string::npos) << folded.output;
}

TEST_F(Cli, RepairsAndSaysWhatItGained) {
  const std::string command = "quantize " + path("model.onnx") + " --calibration " +
                              path("data.npz") + " --coverage widest -o " + path("out.onnx");
  const ProgramResult all = run_octavo(command + " --repair equalize,adaround,bias");
  ASSERT_EQ(all.exit_code, 0) << all.errors;
  for (const char* line : {"repair    layers  SQNR before", "equalize", "adaround", "bias"}) {
    EXPECT_NE(all.output.find(line), std::string::npos) << line << " in " << all.output;
  }
  const ProgramResult by_default = run_octavo(command);
  EXPECT_NE(by_default.output.find("bias"), std::string::npos) << by_default.output;
  EXPECT_EQ(by_default.output.find("adaround"), std::string::npos) << by_default.output;
  fs::remove(folder_ / "out.onnx");
  expect_failure(run_octavo(command + " --repair magic"), 3,
                 {"unknown repair 'magic'",
                  "equalize, absorb, smooth, clip, adaround, brecq, analytic_bias, bias"});
  ASSERT_EQ(run_octavo("calibrate " + path("model.onnx") + " --calibration " + path("data.npz") +
                       " -o " + path("stats"))
                .exit_code,
            0);
  expect_failure(run_octavo("quantize " + path("model.onnx") + " --statistics " + path("stats") +
                            " --repair bias -o " + path("out.onnx")),
                 3, {"repair 'bias' runs the model on calibration data"});
  expect_failure(
      run_octavo("quantize " + path("model.onnx") + " --mode weight-only --repair bias -o " +
                 path("out.onnx")),
      3,
      {"repair 'bias' is for mode static; mode weight-only has analytic_bias, awq, seqmse, gptq"});
  expect_failure(run_octavo("quantize " + path("model.onnx") +
                            " --mode weight-only --repair gptq -o " + path("out.onnx")),
                 3, {"repair 'gptq' runs the model on calibration data, and there are none"});
  const ProgramResult unjudged =
      run_octavo("quantize " + path("model.onnx") +
                 " --mode weight-only --repair analytic_bias -o " + path("out.onnx"));
  ASSERT_EQ(unjudged.exit_code, 0) << unjudged.errors;
  EXPECT_NE(unjudged.output.find("nothing to change: the model has no BatchNormalization"),
            std::string::npos)
      << unjudged.output;
  const ProgramResult repaired = run_octavo(
      "quantize " + path("model.onnx") + " --mode weight-only --weight-type int4" +
      " --calibration " + path("data.npz") + " --repair seqmse,gptq -o " + path("out.onnx"));
  ASSERT_EQ(repaired.exit_code, 0) << repaired.errors;
  EXPECT_LT(repaired.output.find("seqmse"), repaired.output.find("gptq")) << repaired.output;
}

TEST_F(Cli, ModesNeedNoDataAndSayWhatTheyDid) {
  for (const char* mode :
       {"weight-only", "weight-only --weight-type int4 --block-size 64", "dynamic", "float16"}) {
    const ProgramResult quantized =
        run_octavo("quantize " + path("model.onnx") + " --mode " + mode + " -o " +
                   path("out.onnx") + " --plan " + path("plan.json"));
    ASSERT_EQ(quantized.exit_code, 0) << quantized.errors;
    EXPECT_EQ(nlohmann::json::parse(content_of("plan.json"))["mode"],
              std::string(mode).substr(0, std::string(mode).find(' ')));
    const ProgramResult evaluated =
        run_octavo("evaluate " + path("model.onnx") + " " + path("out.onnx") + " --evaluation " +
                   path("data.npz") + " --latency-seconds 0 --metric sqnr --json");
    ASSERT_EQ(evaluated.exit_code, 0) << evaluated.errors;
    const auto report = nlohmann::json::parse(evaluated.output);
    EXPECT_GT(report["models"][1]["metrics"]["sqnr"]["value"], 12) << mode;
  }
  const ProgramResult inspected = run_octavo("inspect " + path("model.onnx") + " --mode dynamic");
  ASSERT_EQ(inspected.exit_code, 0) << inspected.errors;
  EXPECT_NE(inspected.output.find("it has no weight of 1024 elements or more"), std::string::npos)
      << inspected.output;
}

TEST_F(Cli, ModesThatCannotBeAreRefused) {
  const auto in_mode = [&](const std::string& flags) {
    return run_octavo("quantize " + path("model.onnx") + " -o " + path("out.onnx") + " " + flags);
  };
  expect_failure(in_mode("--mode lazy"), 3, {"unknown mode 'lazy'", "static, dynamic"});
  expect_failure(in_mode("--mode dynamic --target tensorrt"), 6,
                 {"'tensorrt' has no mode dynamic", "static, weight-only, float16"});
  expect_failure(in_mode("--mode dynamic --calibration " + path("data.npz")), 3,
                 {"calibration data without repairs; expected one of analytic_bias"});
  expect_failure(
      in_mode("--mode weight-only --calibration " + path("data.npz")), 3,
      {"calibration data without repairs; expected one of analytic_bias, awq, seqmse, gptq"});
  expect_failure(in_mode("--mode weight-only --weight-type int16"), 6,
                 {"no int16 weights", "int8, uint8, int4, uint4"});
}

TEST_F(Cli, KeepsAnAccuracyBudget) {
  const std::string quantize_within = "quantize " + path("model.onnx") + " --calibration " +
                                      path("data.npz") + " --coverage widest -o " +
                                      path("out.onnx") + " --evaluation ";
  const ProgramResult labelled =
      run_octavo(quantize_within + path("labelled.npz") + " --max-drop 100%");
  ASSERT_EQ(labelled.exit_code, 0) << labelled.errors;
  EXPECT_NE(labelled.output.find("top1         samples"), std::string::npos) << labelled.output;
  EXPECT_NE(labelled.output.find("budget 100.00 points, met: 0 of 2 layers stay float, 1 evaluat"),
            std::string::npos)
      << labelled.output;
  const ProgramResult unlabelled =
      run_octavo(quantize_within + path("data.npz") + " --max-drop 0.5");
  ASSERT_EQ(unlabelled.exit_code, 0) << unlabelled.errors;
  EXPECT_NE(unlabelled.output.find("agreement    samples"), std::string::npos);
  fs::remove(folder_ / "out.onnx");
  expect_failure(run_octavo(quantize_within + path("data.npz") + " --max-drop little"), 3,
                 {"--max-drop", "'little'", "from 0 to 100"});
  expect_failure(run_octavo(quantize_within + path("data.npz") + " --max-drop -1"), 3, {"'-1'"});
  expect_failure(run_octavo(quantize_within + path("data.npz")), 2,
                 {"needs --max-drop, --min-accuracy or --run"});
  const ProgramResult share =
      run_octavo(quantize_within + path("data.npz") + " --min-accuracy 50%");
  EXPECT_NE(share.output.find("budget 50.00 points, met"), std::string::npos) << share.output;
  fs::remove(folder_ / "out.onnx");
  expect_failure(run_octavo(quantize_within + path("data.npz") + " --min-accuracy 0"), 3,
                 {"--min-accuracy", "'0'", "like 90%"});
}

TEST_F(Cli, KeepsABudgetOfAnyMetric) {
  std::ofstream(folder_ / "score.sh") << "#!/bin/sh\necho 7\n";
  fs::permissions(folder_ / "score.sh", fs::perms::owner_all);
  const std::string command = "quantize " + path("model.onnx") + " --calibration " +
                              path("data.npz") + " --coverage widest -o " + path("out.onnx") +
                              " --evaluation " + path("labelled.npz") + " --metric ";
  const std::string program = "program:" + path("score.sh");
  const ProgramResult own = run_octavo(command + program + " --max-drop 2%");
  ASSERT_EQ(own.exit_code, 0) << own.errors;
  EXPECT_NE(own.output.find("budget at least 6.86, met"), std::string::npos) << own.output;
  const ProgramResult loss =
      run_octavo(command + "program-loss:" + path("score.sh") + " --max-drop 2");
  EXPECT_NE(loss.output.find("budget at most 9, met"), std::string::npos) << loss.output;
  const ProgramResult noise = run_octavo(command + "sqnr --min-accuracy 5dB");
  ASSERT_EQ(noise.exit_code, 0) << noise.errors;
  EXPECT_NE(noise.output.find("budget at least 5.0 dB, met"), std::string::npos) << noise.output;
  const ProgramResult divergence = run_octavo(command + "kl --max-drop 50%");
  ASSERT_EQ(divergence.exit_code, 0) << divergence.errors;
  EXPECT_NE(divergence.output.find("points expected to be lost"), std::string::npos);
  EXPECT_NE(divergence.output.find("budget 50.00 points, met"), std::string::npos)
      << divergence.output;
  fs::remove(folder_ / "out.onnx");
  expect_failure(run_octavo(command + "map --max-drop 1%"), 7,
                 {"the metric needs an array 'boxes'", "there is: labels"});
  expect_failure(run_octavo(command + "beauty --max-drop 1%"), 3, {"unknown metric 'beauty'"});
  expect_failure(run_octavo(command + program + " --max-drop much"), 3,
                 {"--max-drop", "'much'", "2% of the float model's"});
  expect_failure(run_octavo(command + "sqnr --min-accuracy 20nats"), 3,
                 {"--min-accuracy", "'20nats'", "like 20dB"});
}

TEST_F(Cli, EveryVerbTakesAProgramAsItsMetric) {
  std::ofstream(folder_ / "score.sh") << "#!/bin/sh\necho 0.625\n";
  fs::permissions(folder_ / "score.sh", fs::perms::owner_all);
  const std::string metric = " --metric program:" + path("score.sh");
  ASSERT_EQ(quantize("model.onnx", "data.npz").exit_code, 0);
  const ProgramResult evaluated =
      run_octavo("evaluate " + path("model.onnx") + " " + path("out.onnx") + " --evaluation " +
                 path("data.npz") + " --latency-seconds 0" + metric);
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.errors;
  EXPECT_NE(evaluated.output.find("0.625"), std::string::npos) << evaluated.output;
  const ProgramResult analyzed = run_octavo("analyze " + path("model.onnx") + " --calibration " +
                                            path("data.npz") + " --json" + metric);
  ASSERT_EQ(analyzed.exit_code, 0) << analyzed.errors;
  EXPECT_EQ(nlohmann::json::parse(analyzed.output)["float_metric"], 0.625);
  const ProgramResult swept = run_octavo(
      "sweep " + path("model.onnx") + " --calibration " + path("data.npz") + " --evaluation " +
      path("data.npz") + " --calibrator max --granularity as-target " +
      "--weights as-target --activations as-target --latency-seconds 0 -o " + path("sweep") +
      metric);
  ASSERT_EQ(swept.exit_code, 0) << swept.errors;
  EXPECT_NE(swept.output.find("Pareto front of program:"), std::string::npos) << swept.output;
  std::ofstream(folder_ / "score.sh") << "#!/bin/sh\necho none\n";
  fs::remove(folder_ / "out.onnx");
  expect_failure(run_octavo("quantize " + path("model.onnx") + " --calibration " +
                            path("data.npz") + " --evaluation " + path("data.npz") +
                            " --max-drop 1% -o " + path("out.onnx") + metric),
                 10, {"score.sh", "printed 'none'", "one number"});
}

TEST_F(Cli, KeepsALatencyBudget) {
  const std::string command = "quantize " + path("model.onnx") + " --calibration " +
                              path("data.npz") + " -o " + path("out.onnx") + " --max-latency ";
  const ProgramResult met = run_octavo(command + "1000x");
  ASSERT_EQ(met.exit_code, 0) << met.errors;
  EXPECT_NE(met.output.find("latency budget 1000 of float, met: "), std::string::npos)
      << met.output;
  fs::remove(folder_ / "out.onnx");
  const ProgramResult missed = run_octavo(command + "0.000001ms");
  EXPECT_EQ(missed.exit_code, 13) << missed.errors;
  EXPECT_TRUE(fs::exists(folder_ / "out.onnx"));
  EXPECT_NE(missed.errors.find("the latency budget of 1e-06 ms cannot be met"), std::string::npos)
      << missed.errors;
  fs::remove(folder_ / "out.onnx");
  for (const char* bad : {"fast", "0x", "-1ms", "nan"}) {
    expect_failure(run_octavo(command + bad), 3, {"--max-latency", bad, "0.5x", "3ms"});
  }
}

}  // namespace
}  // namespace octavo
