// What `octavo finetune` hands to octavo-train and takes from it. The trainer here is a script
// beside a copy of the program, so that these run without libtorch; tests/train has the real one.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/cli_fixture.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using testing::ProgramResult;
using testing::run_octavo;

// Takes every model, and trains by doing nothing.
constexpr const char* kIdleTrainer =
    "[ \"$1\" != --check ] || exit 0\n"
    "cp \"$1/start.onnx\" \"$1/trained.onnx\"\n";

class TrainerProgram : public testing::Cli {
 protected:
  void SetUp() override {
    Cli::SetUp();
    fs::copy_file(OCTAVO_PROGRAM, folder_ / "octavo");
    write_trainer(kIdleTrainer);
  }

  void write_trainer(const std::string& body) const {
    std::ofstream(folder_ / "octavo-train") << "#!/bin/sh\n" << body;
    fs::permissions(folder_ / "octavo-train", fs::perms::owner_all);
  }

  // `octavo finetune` of model.onnx into run/, by the copy that has a trainer beside it.
  ProgramResult finetune(const std::string& flags) const {
    return run_octavo("finetune " + path("model.onnx") + " --run " + path("run") + " " + flags,
                      "sh -c 'shift; exec " + path("octavo") + " \"$@\"' -");
  }

  std::string data() const {
    return "--calibration " + path("data.npz") + " --training " + path("labelled.npz") +
           " --repair none ";
  }

  nlohmann::json json_of(const std::string& file) const {
    return nlohmann::json::parse(content_of(file));
  }
};

TEST_F(TrainerProgram, GetsAFolderWithItsTaskAndItsModelIsTheResult) {
  const ProgramResult result = finetune(data() + "-o " + path("model.int8.onnx"));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const std::string said = path("model.onnx") + " -> " + path("model.int8.onnx") +
                           "\nNext: octavo evaluate " + path("model.onnx");
  EXPECT_NE(result.output.find(said), std::string::npos) << result.output;
  EXPECT_EQ(content_of("model.int8.onnx"), content_of("run/start.onnx"));
  const nlohmann::json task = json_of("run/task.json");
  EXPECT_EQ(task["training_data"], path("labelled.npz"));
  EXPECT_EQ(task["validation_data"], "");
  ASSERT_EQ(task["weights"].size(), 2U);
  EXPECT_EQ(task["weights"][0]["node"], "conv");
  EXPECT_EQ(json_of("run/run.json")["status"], "done");
}

TEST_F(TrainerProgram, FlagsGoBeforeTheSchedulesFile) {
  std::ofstream(folder_ / "schedule.yaml") << "epochs: 7\nbatch: 3\n";
  const ProgramResult result =
      finetune(data() + "--schedule " + path("schedule.yaml") + " --epochs 2 --loss mse");
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const nlohmann::json options = json_of("run/task.json")["options"];
  EXPECT_EQ(options["epochs"], 2);
  EXPECT_EQ(options["batch"], 3);
  EXPECT_EQ(options["loss"], "mse");
}

TEST_F(TrainerProgram, OfTheFloatModelHasNoWeightsInItsTask) {
  const ProgramResult result = finetune("--float --training " + path("labelled.npz"));
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_TRUE(json_of("run/task.json")["weights"].empty());
  EXPECT_EQ(content_of("run/trained.onnx"), content_of("run/float.onnx"));
}

TEST_F(TrainerProgram, ResumesWithoutPreparingAnything) {
  ASSERT_EQ(finetune(data()).exit_code, 0);
  const std::string task = content_of("run/task.json");
  write_trainer("cp \"$1/float.onnx\" \"$1/trained.onnx\"\n");
  const ProgramResult result = finetune("--resume");
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(content_of("run/task.json"), task);
  EXPECT_EQ(content_of("run/trained.onnx"), content_of("run/float.onnx"));
}

TEST_F(TrainerProgram, ATrainingAnewLeavesNothingOfTheOneBefore) {
  ASSERT_EQ(finetune(data()).exit_code, 0);
  std::ofstream(folder_ / "run/checkpoint.npz") << "of another task";
  ASSERT_EQ(finetune(data() + "--epochs 3").exit_code, 0);
  EXPECT_FALSE(fs::exists(folder_ / "run/checkpoint.npz"));
  EXPECT_EQ(json_of("run/task.json")["options"]["epochs"], 3);
}

TEST_F(TrainerProgram, IsStartedByTheLauncher) {
  write_trainer(std::string(kIdleTrainer) + "echo \"by $LAUNCHER\"\n");
  const ProgramResult result = finetune(data() + "--launcher 'env LAUNCHER=two words=1'");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_NE(result.output.find("by two\n"), std::string::npos) << result.output;
  const ProgramResult none = finetune(data() + "--launcher 'mpi-none -n 2'");
  EXPECT_EQ(none.exit_code, 10);
  EXPECT_NE(none.errors.find("mpi-none does not start: No such file"), std::string::npos)
      << none.errors;
}

TEST_F(TrainerProgram, ItsEndIsSaidWhereItFails) {
  write_trainer("exit 3\n");
  const ProgramResult code = finetune(data());
  EXPECT_EQ(code.exit_code, 10);
  EXPECT_NE(code.errors.find("octavo-train ended with exit code 3"), std::string::npos)
      << code.errors;
  EXPECT_FALSE(fs::exists(folder_ / "run/start.onnx"));  // before any work
  write_trainer("[ \"$1\" != --check ] || exit 0\nkill -9 $$\n");
  const ProgramResult killed = finetune(data());
  EXPECT_EQ(killed.exit_code, 10);
  EXPECT_NE(killed.errors.find("octavo-train was killed by signal 9"), std::string::npos)
      << killed.errors;
  EXPECT_EQ(json_of("run/run.json")["status"], "failed");
}

TEST_F(TrainerProgram, IsNotStartedWhereNoWeightIsStoredAsCodes) {
  write_trainer("[ \"$1\" = --check ] || touch \"$1/started\"\n");
  const ProgramResult result = finetune(data() + "--exclude-op Conv --exclude-op MatMul");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.errors.find("there is nothing to fine-tune; --coverage widest"),
            std::string::npos)
      << result.errors;
  EXPECT_FALSE(fs::exists(folder_ / "run/started"));
}

TEST_F(TrainerProgram, FiguresOutsideTheirLimitsAreRefusedBeforeAnyWork) {
  const ProgramResult flag = finetune(data() + "--momentum 2");
  EXPECT_EQ(flag.exit_code, 3);
  EXPECT_NE(flag.errors.find("momentum is 2, expected 0 to 0.999"), std::string::npos)
      << flag.errors;
  std::ofstream(folder_ / "schedule.yaml") << "epoch: 7\n";
  const ProgramResult word = finetune(data() + "--schedule " + path("schedule.yaml"));
  EXPECT_EQ(word.exit_code, 8);
  EXPECT_NE(word.errors.find("schedule.yaml"), std::string::npos) << word.errors;
  EXPECT_NE(word.errors.find("'epoch'"), std::string::npos) << word.errors;
  EXPECT_FALSE(fs::exists(folder_ / "run/task.json"));
}

}  // namespace
}  // namespace octavo
