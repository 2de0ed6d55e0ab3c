#include "report/run_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "octavo/error.h"
#include "report/machine.h"
#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

Json read(const fs::path& path) {
  std::ifstream stream(path);
  return Json::parse(stream);
}

void write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }

RunDescription description(const fs::path& model) {
  return {.command = {"octavo", "quantize", "model.onnx"},
          .octavo_version = "1.2.3",
          .target = "openvino",
          .model = model,
          .data = {{"calibration", model.parent_path()}}};
}

TEST(RunFolder, SaysFromTheFirstMomentWhatWasStarted) {
  const testing::TemporaryDirectory scratch;
  write(scratch / "model.onnx", "abc");
  RunFolder folder(scratch / "a/run", description(scratch / "model.onnx"));
  folder.begin_stage("calibrate");
  const Json run = read(folder.path("run.json"));
  EXPECT_EQ(run["status"], "running");
  EXPECT_EQ(run["command"], (Json{"octavo", "quantize", "model.onnx"}));
  EXPECT_EQ(run["octavo_version"], "1.2.3");
  EXPECT_EQ(run["model"]["bytes"], 3);
  // xxh128sum of "abc".
  EXPECT_EQ(run["model"]["hash"], "xxh128:06b05ab6733a618578af5f94892f3950");
  EXPECT_TRUE(run["runtimes"].contains("onnxruntime"));
  EXPECT_GT(run["machine"]["memory_bytes"].get<double>(), 1e6);
  EXPECT_EQ(run["stages"][0]["name"], "calibrate");
  EXPECT_FALSE(run["stages"][0].contains("seconds"));
}

TEST(RunFolder, GoesOnWithWhatItHolds) {
  const testing::TemporaryDirectory scratch;
  write(scratch / "model.onnx", "abc");
  {
    RunFolder folder(scratch / "run", description(scratch / "model.onnx"));
    folder.begin_stage("train");
    folder.fail("killed");
  }
  RunFolder folder = RunFolder::reopened(scratch / "run");
  EXPECT_EQ(read(folder.path("run.json"))["status"], "running");
  folder.begin_stage("train");
  folder.finish();
  const Json run = read(folder.path("run.json"));
  EXPECT_EQ(run["status"], "done");
  EXPECT_EQ(run["stages"].size(), 2U);
  EXPECT_EQ(run["target"], "openvino");
  EXPECT_FALSE(run.contains("failure"));
}

TEST(RunFolder, DoesNotGoOnWithWhatIsNoRun) {
  const testing::TemporaryDirectory scratch;
  EXPECT_OCTAVO_ERROR(RunFolder::reopened(scratch / "run"), ErrorCode::kNotFound, "run.json");
  fs::create_directories(scratch / "run");
  write(scratch / "run" / "run.json", "{");
  EXPECT_OCTAVO_ERROR(RunFolder::reopened(scratch / "run"), ErrorCode::kInvalidFile, "run.json");
}

TEST(RunFolder, StagesEndWithTimeAndMemory) {
  const testing::TemporaryDirectory scratch;
  RunFolder folder(scratch / "run", description(scratch / "none.onnx"));
  folder.begin_stage("one");
  folder.begin_stage("two");
  folder.warn("careful");
  folder.finish();
  const Json run = read(folder.path("run.json"));
  EXPECT_EQ(run["status"], "done");
  ASSERT_EQ(run["stages"].size(), 2u);
  for (const Json& stage : run["stages"]) {
    EXPECT_GE(stage["seconds"].get<double>(), 0);
    EXPECT_GT(stage["peak_memory_bytes"].get<double>(), 1e6);
  }
  EXPECT_EQ(run["warnings"], Json{"careful"});
  EXPECT_EQ(run["model"]["hash"], "");  // no such file
  std::ifstream log(folder.path("log.txt"));
  const std::string text{std::istreambuf_iterator<char>(log), {}};
  for (const char* line : {"started\n", "one\n", "two\n", "warning: careful\n", "done\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

TEST(RunFolder, AFailureKeepsItsWords) {
  const testing::TemporaryDirectory scratch;
  RunFolder folder(scratch / "run", description(scratch / "none.onnx"));
  folder.begin_stage("read");
  folder.fail("model.onnx: no such \xFF file");
  const Json run = read(folder.path("run.json"));
  EXPECT_EQ(run["status"], "failed");
  EXPECT_EQ(run["failure"], "model.onnx: no such \xEF\xBF\xBD file");
}

TEST(RunFolder, ANewRunRemovesTheOldOnesResultsAndNothingElse) {
  const testing::TemporaryDirectory scratch;
  fs::create_directory(scratch / "run");
  for (const char* name : {"tensors.json", "evaluation.json", "sweep.json", "mine.txt"}) {
    write(scratch / "run" / name, "{}");
  }
  const RunFolder folder(scratch / "run", description(scratch / "none.onnx"));
  EXPECT_FALSE(fs::exists(folder.path("tensors.json")));
  EXPECT_FALSE(fs::exists(folder.path("evaluation.json")));
  EXPECT_TRUE(fs::exists(folder.path("sweep.json")));
  EXPECT_TRUE(fs::exists(folder.path("mine.txt")));
}

TEST(RunFolder, AFolderThatCannotBeMadeIsAnError) {
  const testing::TemporaryDirectory scratch;
  write(scratch / "file", "");
  EXPECT_OCTAVO_ERROR(RunFolder(scratch / "file/run", description(scratch / "none.onnx")),
                      ErrorCode::kIo, "file/run", "cannot make the folder");
}

TEST(ContentHash, OfAFolderCountsNamesAndContents) {
  const testing::TemporaryDirectory scratch;
  fs::create_directories(scratch / "data/sub");
  write(scratch / "data/sub/a", "1");
  write(scratch / "data/b", "2");
  const std::string hash = content_hash(scratch / "data");
  EXPECT_TRUE(hash.starts_with("xxh128:"));
  EXPECT_EQ(hash, content_hash(scratch / "data"));
  write(scratch / "data/b", "3");
  EXPECT_NE(hash, content_hash(scratch / "data"));
  write(scratch / "data/b", "2");
  EXPECT_EQ(hash, content_hash(scratch / "data"));
  fs::rename(scratch / "data/b", scratch / "data/c");
  EXPECT_NE(hash, content_hash(scratch / "data"));
}

}  // namespace
}  // namespace octavo
