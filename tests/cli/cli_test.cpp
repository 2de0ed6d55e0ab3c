// What people see: each verb once in full, and every bad input's text and exit code.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/run_octavo.h"
#include "data/npz.h"
#include "octavo/model.h"
#include "support/graph_text.h"
#include "support/paths.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using testing::ProgramResult;
using testing::run_octavo;

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,3,8,8]
  const w: float32[16,3,3,3] = random(1)
  const b: float32[16] = random(2)
  const v: float32[576,4] = random(3)
  c = Conv(x, w, b) "conv"
  r = Relu(c) "relu"
  f = Flatten(r) "flatten"
  y = MatMul(f, v) "classify"
  output y: float32[N,4]
)";

Tensor samples(std::int64_t count, float shift = 0) {
  Tensor tensor(DType::kFloat32, {count, 3, 8, 8});
  float next = shift;
  for (float& value : tensor.mutable_as<float>()) {
    next = next * 1.7F + 0.31F;
    next -= static_cast<float>(static_cast<int>(next));
    value = next;
  }
  return tensor;
}

class Cli : public ::testing::Test {
 protected:
  void SetUp() override {
    write_model(testing::parse_graph(kNetwork), folder_ / "model.onnx");
    write_npz(folder_ / "data.npz", {{"x", samples(6)}});
    const std::vector<std::int64_t> labels = {0, 1, 2, 3, 0, 1};
    write_npz(folder_ / "labelled.npz",
              {{"x", samples(6)}, {"labels", Tensor::of<std::int64_t>({6}, labels)}});
  }

  std::string path(std::string_view name) const { return (folder_ / name).string(); }

  std::string content_of(std::string_view name) const {
    std::ifstream stream(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  ProgramResult quantize(const std::string& model, const std::string& data) const {
    return run_octavo("quantize " + path(model) + " --calibration " + path(data) + " -o " +
                      path("out.onnx") + " --coverage widest --repair none");
  }

  // The run fails with that code, says each part on stderr, and leaves no output file.
  void expect_failure(const ProgramResult& result, int exit_code,
                      std::initializer_list<std::string_view> parts) const {
    EXPECT_EQ(result.exit_code, exit_code) << result.errors;
    for (const std::string_view part : parts) {
      EXPECT_NE(result.errors.find(part), std::string::npos)
          << "expected \"" << part << "\" in: " << result.errors;
    }
    EXPECT_FALSE(fs::exists(folder_ / "out.onnx"));
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      EXPECT_FALSE(entry.path().string().ends_with(".tmp")) << entry.path();
    }
  }

  testing::TemporaryDirectory folder_;
};

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
                 {"unknown repair 'magic'", "equalize, adaround, bias"});
  ASSERT_EQ(run_octavo("calibrate " + path("model.onnx") + " --calibration " + path("data.npz") +
                       " -o " + path("stats"))
                .exit_code,
            0);
  expect_failure(run_octavo("quantize " + path("model.onnx") + " --statistics " + path("stats") +
                            " --repair bias -o " + path("out.onnx")),
                 3, {"repair 'bias' runs the model on calibration data"});
  expect_failure(run_octavo("quantize " + path("model.onnx") +
                            " --mode weight-only --repair bias -o " + path("out.onnx")),
                 3, {"mode weight-only has no use for repairs"});
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
                 {"no use for calibration data"});
  expect_failure(in_mode("--mode weight-only --weight-type int16"), 6,
                 {"no int16 weights", "int8, uint8, int4, uint4"});
}

TEST_F(Cli, StatisticsOfShardsMergeToTheSameBytesAndQuantizeLikeTheData) {
  const auto calibrate = [&](const std::string& more) {
    return run_octavo("calibrate " + path("model.onnx") + " --calibration " + path("data.npz") +
                      " -o " + path(more));
  };
  const ProgramResult whole = calibrate("whole --threads 2");
  ASSERT_EQ(whole.exit_code, 0) << whole.errors;
  EXPECT_NE(whole.output.find("from 3 to 6 samples"), std::string::npos) << whole.output;
  EXPECT_NE(whole.output.find("Next: octavo quantize"), std::string::npos);
  ASSERT_EQ(calibrate("a --last 2").exit_code, 0);
  ASSERT_EQ(calibrate("b --first 2").exit_code, 0);
  const std::string shards = path("b") + " " + path("a");
  ASSERT_EQ(run_octavo("merge " + shards + " -o " + path("merged")).exit_code, 0);
  EXPECT_EQ(content_of("merged"), content_of("whole"));
  ASSERT_EQ(calibrate("a --resume").exit_code, 0);  // as after Ctrl-C at sample 2
  EXPECT_EQ(content_of("a"), content_of("whole"));

  const ProgramResult channels = calibrate("channels --per-channel all");
  EXPECT_NE(channels.output.find("over median"), std::string::npos) << channels.output;
  expect_failure(calibrate("none --per-channel nothing"), 4, {"'nothing'", "not among"});
  expect_failure(calibrate("none --per-channel x@y"), 3, {"'y' is no axis", "TENSOR@NUMBER"});

  ASSERT_EQ(quantize("model.onnx", "data.npz").exit_code, 0);
  const ProgramResult quantized =
      run_octavo("quantize " + path("model.onnx") + " --statistics " + path("merged") + " -o " +
                 path("from_statistics.onnx") + " --coverage widest");
  ASSERT_EQ(quantized.exit_code, 0) << quantized.errors;
  EXPECT_EQ(content_of("from_statistics.onnx"), content_of("out.onnx"));
}

#ifdef OCTAVO_MPIRUN
TEST_F(Cli, TwoRanksWriteTheBytesOfOneProcess) {
  const std::string common =
      "calibrate " + path("model.onnx") + " --calibration " + path("data.npz") + " -o ";
  ASSERT_EQ(run_octavo(common + path("whole")).exit_code, 0);
  const ProgramResult ranks = run_octavo(common + path("ranks"), OCTAVO_MPIRUN);
  ASSERT_EQ(ranks.exit_code, 0) << ranks.errors;
  EXPECT_NE(ranks.output.find("from 3 to 6 samples"), std::string::npos) << ranks.output;
  EXPECT_EQ(content_of("ranks"), content_of("whole"));
  // A rank without samples, and what the first rank took before.
  ASSERT_EQ(run_octavo(common + path("one --last 1"), OCTAVO_MPIRUN).exit_code, 0);
  ASSERT_EQ(run_octavo(common + path("one --resume"), OCTAVO_MPIRUN).exit_code, 0);
  EXPECT_EQ(content_of("one"), content_of("whole"));
}

TEST_F(Cli, ARankThatFailsEndsAll) {
  Tensor data = samples(6);
  data.mutable_as<float>().back() = std::numeric_limits<float>::quiet_NaN();
  write_npz(folder_ / "nan.npz", {{"x", data}});
  const ProgramResult result = run_octavo("calibrate " + path("model.onnx") + " --calibration " +
                                              path("nan.npz") + " -o " + path("out"),
                                          OCTAVO_MPIRUN);
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.errors.find("rank 1: "), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("element 191 is nan"), std::string::npos) << result.errors;
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}
#endif

TEST_F(Cli, SelectsSamplesThatQuantizeThen) {
  const std::string select = "select " + path("model.onnx") + " --from " + path("data.npz");
  const ProgramResult selected = run_octavo(select + " --count 2 -o " + path("picked.yaml"));
  ASSERT_EQ(selected.exit_code, 0) << selected.errors;
  EXPECT_NE(selected.output.find("2 of 6 samples"), std::string::npos) << selected.output;
  const std::string recipe = content_of("picked.yaml");
  EXPECT_NE(recipe.find("source: \"data.npz\"\npicks: ["), std::string::npos) << recipe;
  const ProgramResult quantized = quantize("model.onnx", "picked.yaml");
  EXPECT_EQ(quantized.exit_code, 0) << quantized.errors;
  fs::remove(folder_ / "out.onnx");
  expect_failure(run_octavo(select + " --count 7 -o " + path("out.onnx")), 3,
                 {"7 samples to select", "1 to 6"});
  expect_failure(run_octavo(select + " --method best -o " + path("out.onnx")), 3, {"'best'"});
}

TEST_F(Cli, StatisticsThatDoNotFitAreRefused) {
  const std::string data = " --calibration " + path("data.npz");
  ASSERT_EQ(run_octavo("calibrate " + path("model.onnx") + data + " -o " + path("s")).exit_code, 0);
  const std::string twice = path("s") + " " + path("s");
  expect_failure(run_octavo("merge " + twice + " -o " + path("out.onnx")), 3,
                 {"sample 0 is in the statistics already"});
  std::string text(kNetwork);
  text.replace(text.find("random(1)"), 9, "random(9)");
  write_model(testing::parse_graph(text), folder_ / "other.onnx");
  expect_failure(run_octavo("quantize " + path("other.onnx") + " --statistics " + path("s") +
                            " -o " + path("out.onnx")),
                 3, {"statistics were made of another model"});
  const auto kept = content_of("s");
  expect_failure(run_octavo("calibrate " + path("other.onnx") + data + " --resume -o " + path("s")),
                 3, {"cannot be resumed", "another model"});
  EXPECT_EQ(content_of("s"), kept);
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

TEST_F(Cli, SamplesAreWrittenAsTheModelSeesThem) {
  const ProgramResult result = run_octavo("samples " + path("model.onnx") + " --from " +
                                          path("labelled.npz") + " -o " + path("seen.npz"));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_NE(result.output.find("6 samples, labels int64[6], x float32[6, 3, 8, 8]"),
            std::string::npos)
      << result.output;
  const Tensor seen = Npz(folder_ / "seen.npz").read("x");
  const Tensor given = samples(6);
  EXPECT_TRUE(std::equal(seen.bytes().begin(), seen.bytes().end(), given.bytes().begin(),
                         given.bytes().end()));
}

TEST_F(Cli, AnalyzesEachLayer) {
  const std::string analyze =
      "analyze " + path("model.onnx") + " --calibration " + path("labelled.npz");
  const ProgramResult table = run_octavo(analyze + " --metric top1");
  ASSERT_EQ(table.exit_code, 0) << table.errors;
  EXPECT_NE(table.output.find("node      type    outputs    top1   weight  activation  weights"),
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

TEST_F(Cli, KeepsALatencyBudget) {
  const std::string command = "quantize " + path("model.onnx") + " --calibration " +
                              path("data.npz") + " -o " + path("out.onnx") + " --max-latency ";
  const ProgramResult met = run_octavo(command + "1000x");
  ASSERT_EQ(met.exit_code, 0) << met.errors;
  EXPECT_NE(met.output.find("latency budget 1000 of float, met: "), std::string::npos)
      << met.output;
  const ProgramResult missed = run_octavo(command + "0.000001ms");
  EXPECT_EQ(missed.exit_code, 0) << missed.errors;
  EXPECT_NE(missed.errors.find("the latency budget of 1e-06 ms cannot be met"), std::string::npos)
      << missed.errors;
  fs::remove(folder_ / "out.onnx");
  for (const char* bad : {"fast", "0x", "-1ms", "nan"}) {
    expect_failure(run_octavo(command + bad), 3, {"--max-latency", bad, "0.5x", "3ms"});
  }
}

TEST_F(Cli, LeavesARunFolderAndReportsIt) {
  const std::string quantize = "quantize " + path("model.onnx") + " --calibration " +
                               path("data.npz") + " --coverage widest --run " + path("run");
  const ProgramResult made = run_octavo(quantize + " --evaluation " + path("labelled.npz"));
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_NE(made.output.find("Next: octavo report " + path("run")), std::string::npos);
  for (const char* file :
       {"run.json", "result.json", "plan.json", "evaluation.json", "graph.json", "tensors.json",
        "weights.json", "samples.json", "model.int8.onnx", "model.statistics", "log.txt"}) {
    EXPECT_TRUE(fs::exists(folder_ / "run" / file)) << file;
  }
  std::ifstream stream(folder_ / "run/run.json");
  const auto run = nlohmann::json::parse(stream);
  EXPECT_EQ(run["status"], "done");
  EXPECT_EQ(run["command"][1], "quantize");
  EXPECT_EQ(run["data"]["calibration"]["samples"], 6);
  EXPECT_TRUE(run["data"]["evaluation"]["samples_hash"].get<std::string>().starts_with("xxh64:"));
  const ProgramResult page = run_octavo("report " + path("run") + " -o " + path("page.html"));
  ASSERT_EQ(page.exit_code, 0) << page.errors;
  EXPECT_NE(page.output.find("opens in any browser"), std::string::npos) << page.output;
  EXPECT_GT(fs::file_size(folder_ / "page.html"), 1'000'000u);
  // Only from statistics, without the data: less to show, and no error.
  const ProgramResult again = run_octavo("quantize " + path("model.onnx") + " --statistics " +
                                         path("run/model.statistics") + " --run " + path("other") +
                                         " -o " + path("other.onnx"));
  ASSERT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_TRUE(fs::exists(folder_ / "other.onnx"));
  EXPECT_EQ(run_octavo("report " + path("other")).exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "other/report.html"));
}

TEST_F(Cli, AFailedRunIsReportedAndAnythingElseRefused) {
  expect_failure(run_octavo("quantize " + path("model.onnx") + " --calibration " +
                            path("none.npz") + " --run " + path("run")),
                 4, {"none.npz"});
  EXPECT_EQ(run_octavo("report " + path("run")).exit_code, 0);
  std::ifstream stream(folder_ / "run/run.json");
  const auto run = nlohmann::json::parse(stream);
  EXPECT_EQ(run["status"], "failed");
  EXPECT_NE(run["failure"].get<std::string>().find("none.npz"), std::string::npos);
  expect_failure(run_octavo("report " + path("nowhere")), 4, {"nowhere", "no run.json"});
  expect_failure(
      run_octavo("quantize " + path("model.onnx") + " --calibration " + path("data.npz")), 2,
      {"--output or --run"});
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

TEST_F(Cli, UsageErrors) {
  expect_failure(run_octavo(""), 2, {"subcommand is required"});
  expect_failure(run_octavo("quantize " + path("model.onnx") + " -o " + path("out.onnx")), 2,
                 {"--calibration or --statistics"});
  expect_failure(run_octavo("evaluate " + path("model.onnx")), 2, {"--evaluation is required"});
}

TEST_F(Cli, MissingModel) {
  expect_failure(quantize("nowhere.onnx", "data.npz"), 4, {"nowhere.onnx", "no such file"});
}

TEST_F(Cli, TruncatedModel) {
  fs::resize_file(folder_ / "model.onnx", fs::file_size(folder_ / "model.onnx") / 2);
  expect_failure(quantize("model.onnx", "data.npz"), 5, {"model.onnx", "truncated"});
}

TEST_F(Cli, EmptyModel) {
  std::ofstream(folder_ / "model.onnx", std::ios::trunc).flush();
  expect_failure(quantize("model.onnx", "data.npz"), 5, {"the file is empty"});
}

TEST_F(Cli, NotAModel) {
  std::ofstream(folder_ / "model.onnx") << "a letter to a friend";
  expect_failure(quantize("model.onnx", "data.npz"), 5, {"model.onnx", "not an ONNX model"});
}

TEST_F(Cli, UnsupportedOpset) {
  std::string text(kNetwork);
  text.replace(text.find("13"), 2, "99");
  write_model(testing::parse_broken_graph(text), folder_ / "model.onnx");
  expect_failure(quantize("model.onnx", "data.npz"), 6, {"opset 99", "expected 7 to 24"});
}

TEST_F(Cli, DataWithoutTheInputsName) {
  write_npz(folder_ / "data.npz", {{"images", samples(2)}});
  expect_failure(quantize("model.onnx", "data.npz"), 7, {"data.npz", "'x'", "images"});
}

TEST_F(Cli, DataOfTheWrongShape) {
  write_npz(folder_ / "data.npz", {{"x", Tensor(DType::kFloat32, {4, 3, 9, 8})}});
  expect_failure(quantize("model.onnx", "data.npz"), 7,
                 {"[3, 9, 8]", "'x'", "expected [?, 3, 8, 8]"});
}

TEST_F(Cli, DataWithNan) {
  Tensor data = samples(2);
  data.mutable_as<float>()[200] = std::numeric_limits<float>::quiet_NaN();
  write_npz(folder_ / "data.npz", {{"x", data}});
  expect_failure(quantize("model.onnx", "data.npz"), 7, {"x[1]", "element 8", "nan"});
}

TEST_F(Cli, EmptyCalibrationSet) {
  write_npz(folder_ / "data.npz", {{"x", Tensor(DType::kFloat32, {0, 3, 8, 8})}});
  expect_failure(quantize("model.onnx", "data.npz"), 7, {"data.npz", "no samples"});
}

TEST_F(Cli, MissingData) {
  expect_failure(quantize("model.onnx", "nowhere.npz"), 4, {"nowhere.npz"});
}

TEST_F(Cli, LabelsOutOfRange) {
  const std::vector<std::int64_t> labels = {0, 1, 2, 3, 4, 1};
  write_npz(folder_ / "labelled.npz",
            {{"x", samples(6)}, {"labels", Tensor::of<std::int64_t>({6}, labels)}});
  const ProgramResult result = run_octavo("evaluate " + path("model.onnx") + " --evaluation " +
                                          path("labelled.npz") + " --latency-seconds 0");
  expect_failure(result, 7, {"x[4]", "label 4", "0 to 3"});
}

TEST_F(Cli, OutputThatCannotBeWritten) {
  const ProgramResult result = run_octavo("quantize " + path("model.onnx") + " --calibration " +
                                          path("data.npz") + " -o " + path("no/folder/out.onnx"));
  expect_failure(result, 9, {"no/folder/out.onnx", "No such file or directory"});
}

TEST_F(Cli, AnOldOutputSurvivesAFailure) {
  std::ofstream(folder_ / "old.onnx") << "precious";
  write_npz(folder_ / "data.npz", {{"x", Tensor(DType::kFloat32, {0, 3, 8, 8})}});
  const ProgramResult result = run_octavo("quantize " + path("model.onnx") + " --calibration " +
                                          path("data.npz") + " -o " + path("old.onnx"));
  EXPECT_NE(result.exit_code, 0);
  std::ifstream stream(folder_ / "old.onnx");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "precious");
}

TEST_F(Cli, UnknownWordsListTheKnownOnes) {
  const std::string base = "quantize " + path("model.onnx") + " --calibration " + path("data.npz") +
                           " -o " + path("out.onnx");
  expect_failure(run_octavo(base + " --target tpu"), 3, {"'tpu'", "onnxruntime-x86"});
  expect_failure(run_octavo(base + " --calibrator kl"), 3, {"'kl'", "entropy"});
  expect_failure(run_octavo(base + " --activations lopsided"), 3, {"'lopsided'", "symmetric"});
  expect_failure(run_octavo(base + " --weight-type int3"), 3, {"int3", "int8"});
  expect_failure(run_octavo(base + " --exclude nothing"), 3, {"'nothing'", "no node"});
  expect_failure(run_octavo(base + " --regime lazy"), 3, {"'lazy'", "hybrid, naive, selective"});
  expect_failure(run_octavo(base + " --rule 'frist=1: float'"), 3, {"'frist'", "first"});
  expect_failure(run_octavo(base + " --input-type int4"), 3, {"--input-type", "'int4'", "uint8"});
  expect_failure(run_octavo(base + " --input-pixels"), 3, {"--input-pixels", "data recipe"});
}

}  // namespace
}  // namespace octavo
