// A training shared by two processes under MPI. Built only where MPI is.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "support/paths.h"
#include "train/checkpoint.h"
#include "train/prepared_training.h"
#include "train/training_task.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using testing::prepare_training;
using testing::TemporaryDirectory;

std::string content_of(const fs::path& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Ended {
  int exit_code = -1;
  std::string errors;
};

Ended train_in_process(const fs::path& folder, const std::string& launcher = "") {
  const std::string errors = (folder / "errors.txt").string();
  const std::string command =
      launcher + " " OCTAVO_TRAINER " " + folder.string() + " >/dev/null 2>" + errors;
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content_of(errors)};
}

// 200 samples in batches of 60, the last of 20: without any for the second of two ranks.
TrainingOptions one_epoch() {
  TrainingOptions options;
  options.epochs = 1;
  options.batch = 60;
  options.learning_rate = 1e-4;
  return options;
}

void copy_task(const fs::path& from, const fs::path& to, const TrainingOptions& options) {
  for (const char* file : {kFloatModel, kStartModel}) fs::copy_file(from / file, to / file);
  TrainingTask task = read_training_task(from);
  task.options = options;
  write_training_task(task, to);
}

nlohmann::json log_of(const fs::path& folder) {
  return nlohmann::json::parse(content_of(folder / kTrainingLog));
}

// Largest difference of any number that is trained, as a share of the largest of its tensor.
double difference(const NamedTensors& a, const NamedTensors& b) {
  double largest = 0;
  for (const auto& [name, value] : a) {
    const double size = value.abs().max().item<double>();
    largest = std::max(largest, (value - b.at(name)).abs().max().item<double>() / size);
  }
  return largest;
}

TEST(Ranks, TwoDoWhatOneDoesWithTwiceTheBatch) {
  const TemporaryDirectory alone;
  const TemporaryDirectory shared;
  TrainingOptions options = one_epoch();
  prepare_training(alone.path(), options);
  options.batch /= 2;
  copy_task(alone.path(), shared.path(), options);
  ASSERT_EQ(train_in_process(alone.path()).exit_code, 0);
  const Ended ended = train_in_process(shared.path(), OCTAVO_MPIRUN);
  ASSERT_EQ(ended.exit_code, 0) << ended.errors;
  // Most of the gradients were on their way before all of them were there.
  EXPECT_NE(ended.errors.find("in 4 buckets, 3 of them before the backward pass has ended"),
            std::string::npos)
      << ended.errors;

  const Checkpoint expected = read_checkpoint(alone / kCheckpoint);
  const Checkpoint found = read_checkpoint(shared / kCheckpoint);
  EXPECT_EQ(found.step, 4);
  // They differ by the order of their sums only.
  EXPECT_LT(difference(expected.parameters, found.parameters), 1e-5);
  EXPECT_LT(difference(expected.momenta, found.momenta), 1e-3);
  const auto expected_log = log_of(alone.path());
  const auto found_log = log_of(shared.path());
  EXPECT_GT(expected_log["records"].back()["step_drift"], 0);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(found_log["records"][i]["loss"], expected_log["records"][i]["loss"], 1e-4) << i;
  }
  EXPECT_NEAR(found_log["evaluations"].back()["top1"], expected_log["evaluations"].back()["top1"],
              0.005);
}

TEST(Ranks, GoOnFromACheckpointTogether) {
  const TemporaryDirectory folder;
  TrainingOptions options = one_epoch();
  options.batch = 20;
  prepare_training(folder.path(), options);
  ASSERT_EQ(train_in_process(folder.path(), OCTAVO_MPIRUN).exit_code, 0);
  const std::string trained = content_of(folder / kTrainedModel);
  fs::remove(folder / kTrainedModel);
  const Ended again = train_in_process(folder.path(), OCTAVO_MPIRUN);
  ASSERT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_NE(again.errors.find("resumed at step 5 of 5"), std::string::npos) << again.errors;
  EXPECT_EQ(content_of(folder / kTrainedModel), trained);
  // Another number of them would give other sums.
  const Ended alone = train_in_process(folder.path());
  EXPECT_EQ(alone.exit_code, 3);
  EXPECT_NE(alone.errors.find("another training"), std::string::npos) << alone.errors;
}

TEST(Ranks, OneThatFailsEndsAll) {
  const TemporaryDirectory folder;
  TrainingOptions options = one_epoch();
  options.device = "abacus";
  prepare_training(folder.path(), options);
  const Ended ended = train_in_process(folder.path(), OCTAVO_MPIRUN);
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_NE(ended.errors.find("rank 1: device 'abacus'"), std::string::npos) << ended.errors;
}

}  // namespace
}  // namespace octavo
