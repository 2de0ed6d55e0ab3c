// `octavo finetune`: what it says, and what it refuses before any work.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "cli/cli_fixture.h"
#include "data/npz.h"
#include "octavo/model.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using testing::ProgramResult;
using testing::run_octavo;

class Finetune : public testing::Cli {
 protected:
  void SetUp() override {
    Cli::SetUp();
    write_npz(folder_ / "data.npz", {{"x", testing::samples(20)}});
  }

  std::string data_flags() const {
    return " --calibration " + path("data.npz") + " --training " + path("data.npz") + " --run " +
           path("run");
  }
};

TEST_F(Finetune, NeedsDataToTrainOn) {
  const ProgramResult result = run_octavo("finetune " + path("model.onnx") + " --run " +
                                          path("run") + " --calibration " + path("data.npz"));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.errors.find("--training"), std::string::npos) << result.errors;
}

TEST_F(Finetune, SaysHowToBuildTheTrainerWhereThereIsNone) {
  fs::copy_file(OCTAVO_PROGRAM, folder_ / "octavo");
  const ProgramResult result = run_octavo("finetune " + path("model.onnx") + data_flags(),
                                          "sh -c 'shift; exec " + path("octavo") + " \"$@\"' -");
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.errors.find("octavo-train is not there; `scripts/setup --train`"),
            std::string::npos)
      << result.errors;
}

TEST_F(Finetune, UnderALauncherItSaysHowToTrainInParallel) {
  const ProgramResult result =
      run_octavo("finetune " + path("model.onnx") + data_flags(), "env OMPI_COMM_WORLD_SIZE=2");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.errors.find("--launcher 'mpirun -n 4'"), std::string::npos) << result.errors;
}

TEST_F(Finetune, HasNothingToGoOnWithInAnEmptyFolder) {
  const ProgramResult result =
      run_octavo("finetune " + path("model.onnx") + " --resume --run " + path("run"));
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.errors.find("no run.json in it"), std::string::npos) << result.errors;
}

#ifdef OCTAVO_HAS_TRAINER

TEST_F(Finetune, LeavesAModelAndAFolder) {
  const ProgramResult result = run_octavo("finetune " + path("model.onnx") + data_flags() +
                                          " --epochs 2 --batch 4 -o " + path("model.int8.onnx"));
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_NE(result.output.find("agreement on 2 samples kept aside: float 100.00 %"),
            std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("Next: octavo evaluate"), std::string::npos);
  EXPECT_EQ(read_model(path("model.int8.onnx")).inputs().size(), 1U);
  for (const char* file : {"float.onnx", "start.onnx", "task.json", "training.json",
                           "checkpoint.npz", "trained.onnx"}) {
    EXPECT_TRUE(fs::exists(folder_ / "run" / file)) << file;
  }
  const ProgramResult again =
      run_octavo("finetune " + path("model.onnx") + " --resume --run " + path("run"));
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_NE(again.errors.find("resumed at step 10 of 10"), std::string::npos) << again.errors;
}

TEST_F(Finetune, ItsFolderMakesAReport) {
  const std::string folder = path("run");
  ASSERT_EQ(run_octavo("finetune " + path("model.onnx") + data_flags() + " --epochs 1 --batch 4")
                .exit_code,
            0);
  const ProgramResult report = run_octavo("report " + folder);
  EXPECT_EQ(report.exit_code, 0) << report.errors;
  EXPECT_NE(content_of("run/report.html").find("\"evaluations\""), std::string::npos);
  EXPECT_NE(content_of("run/run.json").find("\"status\": \"done\""), std::string::npos);
}

TEST_F(Finetune, OfTheFloatModelNeedsNoCalibration) {
  const ProgramResult result =
      run_octavo("finetune " + path("model.onnx") + " --float --training " + path("data.npz") +
                 " --run " + path("run") + " --loss mse --epochs 1 --batch 4");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_NE(result.output.find("float 100.00 %, start 100.00 %"), std::string::npos)
      << result.output;
}

TEST_F(Finetune, RefusesAnUnmappedOperatorBeforeAnyWork) {
  std::string text(testing::kCliNetwork);
  text.replace(text.find("Relu(c)"), 7, "RandomNormalLike(c)");
  write_model(testing::parse_graph(text), folder_ / "odd.onnx");
  const ProgramResult result = run_octavo("finetune " + path("odd.onnx") + data_flags());
  EXPECT_EQ(result.exit_code, 10);
  EXPECT_NE(result.errors.find("node 'relu' (RandomNormalLike)"), std::string::npos)
      << result.errors;
  EXPECT_EQ(result.errors.find("calibrating"), std::string::npos) << result.errors;
}

TEST_F(Finetune, RefusesWhatCannotBeTrainedBeforeAnyWork) {
  const auto expect_refused = [this](const std::string& flags, const std::string& why) {
    const ProgramResult result =
        run_octavo("finetune " + path("model.onnx") + data_flags() + flags);
    EXPECT_NE(result.exit_code, 0);
    EXPECT_NE(result.errors.find(why), std::string::npos) << result.errors;
    EXPECT_FALSE(fs::exists(folder_ / "run/start.onnx")) << flags;
  };
  expect_refused(" --loss hinge", "unknown loss 'hinge'");
  expect_refused(" --loss cross-entropy", "the training data have none");
  expect_refused(" --teacher both", "teacher 'both'");
  expect_refused(" --device tpu", "device 'tpu'");
  expect_refused(" --precision int3", "precision 'int3'");
  expect_refused(" --loss features --features none", "makes tensor 'none'");
  expect_refused(" --validation " + path("nothing.npz"), "no such file");
}

#endif

}  // namespace
}  // namespace octavo
