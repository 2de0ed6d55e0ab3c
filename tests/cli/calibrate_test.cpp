// `octavo calibrate`, `merge`, `select` and `samples`: shards, ranks, channels.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <span>
#include <string>

#include "cli/cli_fixture.h"
#include "data/npz.h"
#include "octavo/model.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using testing::Cli;
using testing::ProgramResult;
using testing::run_octavo;
using testing::samples;

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

TEST_F(Cli, SaysWhichSamplesAreAlikeAndLeavesThemForTheReport) {
  Tensor twice = samples(6);
  const std::span<float> values = twice.mutable_as<float>();
  constexpr std::size_t kSample = 3 * 8 * 8;
  std::copy_n(values.begin(), kSample, values.begin() + 4 * kSample);
  write_npz(folder_ / "twice.npz", {{"x", twice}});
  const ProgramResult selected =
      run_octavo("select " + path("model.onnx") + " --from " + path("twice.npz") +
                 " --count 2 -o " + path("picked.yaml") + " --run " + path("run"));
  ASSERT_EQ(selected.exit_code, 0) << selected.errors;
  EXPECT_NE(selected.output.find("1 pairs of samples are nearly alike, 1 of them identical"),
            std::string::npos)
      << selected.output;
  EXPECT_NE(selected.output.find("x[0] and x[4] (1.000)"), std::string::npos) << selected.output;
  EXPECT_NE(selected.output.find("picked.yaml --run " + path("run")), std::string::npos);
  EXPECT_NE(content_of("run/selection.json").find("picked.yaml"), std::string::npos);
}

#ifndef OCTAVO_MPIRUN
TEST_F(Cli, ALauncherIsRefusedByAProgramBuiltWithoutMpi) {
  const std::string calibrate = "calibrate " + path("model.onnx") + " --calibration " +
                                path("data.npz") + " -o " + path("out");
  const ProgramResult two = run_octavo(calibrate, "env PMI_SIZE=2");
  expect_failure(two, 6, {"built without MPI (OCTAVO_WITH_MPI=ON", "--first and --last"});
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  EXPECT_EQ(run_octavo(calibrate, "env PMI_SIZE=1").exit_code, 0);
}
#endif

TEST_F(Cli, StatisticsThatDoNotFitAreRefused) {
  const std::string data = " --calibration " + path("data.npz");
  ASSERT_EQ(run_octavo("calibrate " + path("model.onnx") + data + " -o " + path("s")).exit_code, 0);
  const std::string twice = path("s") + " " + path("s");
  expect_failure(run_octavo("merge " + twice + " -o " + path("out.onnx")), 3,
                 {"sample 0 is in the statistics already"});
  std::string text(testing::kCliNetwork);
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

}  // namespace
}  // namespace octavo
