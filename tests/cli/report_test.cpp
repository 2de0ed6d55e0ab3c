// `octavo quantize --run` and `octavo report`.
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

TEST_F(Cli, RecordsARunThatEndsInCodes) {
  const std::string quantize = "quantize " + path("model.onnx") + " --calibration " +
                               path("data.npz") + " --evaluation " + path("labelled.npz") +
                               " --coverage widest --repair none";
  const auto top1 = [&](const std::string& folder, const std::string& flags) {
    const ProgramResult made = run_octavo(quantize + " --run " + path(folder) + flags);
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    std::ifstream stream(folder_ / folder / "evaluation.json");
    return nlohmann::json::parse(stream)["models"][1]["metrics"]["top1"]["value"].get<double>();
  };
  EXPECT_EQ(top1("codes", " --input-type uint8"), top1("numbers", ""));
  EXPECT_EQ(run_octavo("report " + path("codes") + " -o " + path("codes.html")).exit_code, 0);
}

TEST_F(Cli, RecordsWhatABudgetTriedAndWhatItEndedIn) {
  const std::string quantize = "quantize " + path("model.onnx") + " --calibration " +
                               path("data.npz") + " --evaluation " + path("labelled.npz") +
                               " --repair none";
  const auto json_of = [&](const std::string& file) {
    return nlohmann::json::parse(content_of(file));
  };
  const ProgramResult kept = run_octavo(quantize + " --coverage widest --metric sqnr" +
                                        " --min-accuracy 5dB --run " + path("kept"));
  ASSERT_EQ(kept.exit_code, 0) << kept.errors;
  const nlohmann::json search = json_of("kept/search.json");
  EXPECT_EQ(search["metric"], "sqnr");
  EXPECT_EQ(search["better"], "higher");
  EXPECT_EQ(search["limit"], 5);
  ASSERT_EQ(search["steps"].size(), search["evaluations"].get<std::size_t>());
  EXPECT_EQ(search["steps"][0]["within"], true);
  EXPECT_GT(search["steps"][0]["value"], 5);
  const nlohmann::json budget = json_of("kept/result.json")["budget"];
  EXPECT_EQ(budget["met"], true);
  EXPECT_TRUE(budget["kept_float"].empty());

  const ProgramResult fast = run_octavo(quantize + " --max-latency 1000x --run " + path("fast"));
  ASSERT_EQ(fast.exit_code, 0) << fast.errors;
  const nlohmann::json latency = json_of("fast/result.json")["latency_budget"];
  EXPECT_EQ(latency["unit"], "of float");
  EXPECT_EQ(latency["most"], 1000);
  EXPECT_EQ(latency["met"], true);
  EXPECT_GT(latency["result"]["ms"], 0);
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

}  // namespace
}  // namespace octavo
