// Whole trainings of the demo's model: what comes out, and that nothing is lost on the way.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "model/tensor_proto.h"
#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/metrics.h"
#include "onnx/onnx-ml.pb.h"
#include "support/error_matchers.h"
#include "support/paths.h"
#include "train/prepared_training.h"
#include "train/trainer.h"
#include "train/training_task.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using testing::prepare_training;
using testing::short_training;
using testing::TemporaryDirectory;

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

double deployed_top1(const fs::path& folder) {
  const Model model = read_model(folder / kTrainedModel);
  const auto data = open_dataset(testing::validation_recipe(folder), model.inputs());
  const auto session = make_executor("onnxruntime")->load(model, {});
  MetricAccumulator top1(find_metric("top1"));
  for (std::size_t i = 0; i < data->size(); ++i) {
    const Sample sample = data->at(i);
    const std::vector<Tensor> outputs = session->run(sample.inputs);
    top1.add(i, {outputs, {}, sample.label, sample.name});
  }
  return top1.value().value;
}

class SimulatedIsDeployed : public ::testing::TestWithParam<testing::Bits> {};

TEST_P(SimulatedIsDeployed, ToATenthOfAPoint) {
  const TemporaryDirectory folder;
  prepare_training(folder.path(), short_training(), GetParam());
  const TrainingResult result = train(folder.path());
  EXPECT_EQ(result.metric, "top1");
  // One of 300 samples is a third of a point: they agree to a tenth of one only if they are equal.
  EXPECT_NEAR(deployed_top1(folder.path()), result.trained_value, 0.001);
  EXPECT_GE(result.trained_value, result.start_value);
}

INSTANTIATE_TEST_SUITE_P(Widths, SimulatedIsDeployed,
                         ::testing::Values(testing::Bits{4, 4}, testing::Bits{3, 8},
                                           testing::Bits{2, 3}),
                         [](const auto& tested) {
                           return "W" + std::to_string(tested.param.weights) + "A" +
                                  std::to_string(tested.param.activations);
                         });

TEST(Training, GetsBackWhatTwoBitsTook) {
  const TemporaryDirectory folder;
  prepare_training(folder.path(), short_training(), {2, 3});
  const TrainingResult result = train(folder.path());
  EXPECT_GT(result.trained_value, result.start_value + 0.05);
  const auto log = nlohmann::json::parse(content_of(folder / kTrainingLog));
  const auto& records = log["records"];
  EXPECT_EQ(records.size(), 30U);
  EXPECT_LT(records.back()["loss"], 0.8 * records.front()["loss"].get<double>());
  EXPECT_GT(records.back()["step_drift"], 0);
}

// Nearly: the sums are added up in another order.
TEST(Training, AccumulatedBatchesAreOneLargeBatch) {
  std::vector<double> losses;
  for (const std::int64_t parts : {1, 4}) {
    const TemporaryDirectory folder;
    TrainingOptions options = short_training();
    options.epochs = 0.3;
    options.batch /= parts;
    options.accumulate = parts;
    prepare_training(folder.path(), options, {2, 3});
    train(folder.path());
    const auto log = nlohmann::json::parse(content_of(folder / kTrainingLog));
    EXPECT_EQ(log["records"].size(), 3U);
    losses.push_back(log["records"].back()["loss"]);
  }
  EXPECT_NEAR(losses[0], losses[1], 1e-2 * losses[0]);
}

struct Losses {
  double first;
  double last;
};

Losses losses_of(const TrainingOptions& options, testing::Bits bits) {
  const TemporaryDirectory folder;
  prepare_training(folder.path(), options, bits);
  train(folder.path());
  const auto log = nlohmann::json::parse(content_of(folder / kTrainingLog));
  return {log["records"].front()["loss"], log["records"].back()["loss"]};
}

TEST(Training, AnotherTeacherTeachesSomethingElse) {
  TrainingOptions options = short_training();
  options.epochs = 0.1;
  options.learning_rate = 0;  // nothing moves: what differs is the teacher's
  const Losses plain = losses_of(options, {4, 4});
  options.teacher = "mirrored";
  EXPECT_GT(losses_of(options, {4, 4}).first, 2 * plain.first);
}

TEST(Training, WithBfloat16LearnsNearlyTheSame) {
  TrainingOptions options = short_training();
  options.epochs = 1;
  const Losses exact = losses_of(options, {2, 3});
  options.precision = "bfloat16";
  const Losses rounded = losses_of(options, {2, 3});
  EXPECT_NE(rounded.first, exact.first);
  EXPECT_NEAR(rounded.first, exact.first, 0.05 * exact.first);
  EXPECT_LT(rounded.last, rounded.first);
}

TEST(Training, AHighRateIsKeptTogetherByClipping) {
  TrainingOptions options = short_training();
  options.epochs = 1;
  options.learning_rate = 0.05;
  const Losses clipped = losses_of(options, {2, 3});
  EXPECT_LT(clipped.last, 0.8 * clipped.first);
  options.clip_norm = 0;
  EXPECT_GT(losses_of(options, {2, 3}).last, clipped.last);
}

TEST(Training, FeaturesOfTheFloatModelAreALoss) {
  const TemporaryDirectory folder;
  TrainingOptions options = short_training();
  options.loss = "features";
  options.learning_rate = 0.02;  // the gradients of a share are small
  prepare_training(folder.path(), options, {2, 3});
  train(folder.path());
  const auto log = nlohmann::json::parse(content_of(folder / kTrainingLog));
  const auto& records = log["records"];
  EXPECT_LT(records.back()["loss"], 0.8 * records.front()["loss"].get<double>());
}

std::vector<double> initializer_of(const Model& model, const std::string& name) {
  for (const onnx::TensorProto& proto : model.proto().graph().initializer()) {
    if (proto.name() != name) continue;
    const Tensor tensor = tensor_from_proto(proto);
    std::vector<double> values;
    for (std::size_t i = 0; i < tensor.size(); ++i) values.push_back(tensor.at(i));
    return values;
  }
  return {};
}

// Its codes come with one scale a channel (FloatGuard): all of them stay what the others read.
TEST(Training, WhatALayerInFloatReadsTrainsToo) {
  const TemporaryDirectory folder;
  prepare_training(folder.path(), short_training(), {2, 3}, {"/8/body/body.3/Conv"});
  const TrainingResult result = train(folder.path());
  EXPECT_NEAR(deployed_top1(folder.path()), result.trained_value, 0.001);
  std::size_t guards = 0;
  const Model start = read_model(folder / kStartModel);
  const Model trained = read_model(folder / kTrainedModel);
  for (const onnx::TensorProto& proto : trained.proto().graph().initializer()) {
    const std::string& name = proto.name();
    const std::size_t end = name.find("_guarded_scale");
    if (end == std::string::npos) continue;
    ++guards;
    const std::vector<double> one = initializer_of(trained, name.substr(0, end) + "_scale");
    ASSERT_EQ(one.size(), 1U) << name;
    EXPECT_NE(one, initializer_of(start, name.substr(0, end) + "_scale"));
    for (const double scale : initializer_of(trained, name)) EXPECT_EQ(scale, one[0]) << name;
  }
  EXPECT_EQ(guards, 1U);
}

TEST(Training, AFloatModelTrainsToo) {
  const TemporaryDirectory folder;
  TrainingOptions options = short_training();
  options.epochs = 0.5;
  prepare_training(folder.path(), options);
  TrainingTask task = read_training_task(folder.path());
  task.weights.clear();
  task.activations.clear();
  write_training_task(task, folder.path());
  fs::copy_file(folder / kFloatModel, folder / kStartModel, fs::copy_options::overwrite_existing);
  const TrainingResult result = train(folder.path());
  EXPECT_EQ(result.start_value, result.float_value);
  EXPECT_NEAR(deployed_top1(folder.path()), result.trained_value, 0.001);
}

TEST(Training, FrozenScalesStay) {
  const TemporaryDirectory folder;
  TrainingOptions options = short_training();
  options.epochs = 0.5;
  options.learn_scales = 0;
  prepare_training(folder.path(), options);
  train(folder.path());
  const auto log = nlohmann::json::parse(content_of(folder / kTrainingLog));
  EXPECT_EQ(log["records"].back()["step_drift"], 0);
}

// --- interruptions ---

pid_t start_trainer(const fs::path& folder) {
  std::string program = OCTAVO_TRAINER;
  std::string argument = folder.string();
  char* arguments[] = {program.data(), argument.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  EXPECT_EQ(posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

bool has_ended(pid_t child, int& status) { return waitpid(child, &status, WNOHANG) == child; }

// Kills it after that time, if it still runs. True if it ended by itself, well.
bool ends_within(pid_t child, std::chrono::milliseconds time) {
  const auto begin = std::chrono::steady_clock::now();
  int status = 0;
  while (std::chrono::steady_clock::now() - begin < time) {
    if (has_ended(child, status)) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  kill(child, SIGKILL);
  status = wait_for(child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Training, KilledAtAnyMomentGoesOnToTheSameBits) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  TrainingOptions options = short_training();
  options.average = 0.9;
  options.checkpoint_every = 1;
  const TemporaryDirectory whole;
  prepare_training(whole.path(), options);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(wait_for(start_trainer(whole.path())), 0);
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  const TemporaryDirectory killed;
  for (const char* file : {kFloatModel, kStartModel, kTaskFile}) {
    fs::copy_file(whole / file, killed / file);
  }
  std::mt19937 engine(seed);
  int kills = 0;
  for (; kills < 4; ++kills) {
    // Later each time, so that some of it is done between two kills.
    const auto wait = time * static_cast<int>(30 + engine() % 40) / 100;
    if (ends_within(start_trainer(killed.path()), wait)) break;
  }
  EXPECT_GT(kills, 0);
  if (!fs::exists(killed / kTrainedModel)) {
    ASSERT_EQ(wait_for(start_trainer(killed.path())), 0);
  }
  EXPECT_EQ(content_of(whole / kTrainedModel), content_of(killed / kTrainedModel))
      << "after " << kills << " kills";
}

TEST(Training, ACheckpointOfAnotherTrainingIsRefused) {
  const TemporaryDirectory folder;
  TrainingOptions options = short_training();
  options.epochs = 0.3;
  options.checkpoint_every = 1;
  prepare_training(folder.path(), options);
  train(folder.path());
  TrainingTask task = read_training_task(folder.path());
  task.options.seed = 99;
  write_training_task(task, folder.path());
  EXPECT_OCTAVO_ERROR(train(folder.path()), ErrorCode::kInvalidArgument, kCheckpoint,
                      "another training");
}

TEST(Training, RefusesADeviceThatIsNotThere) {
  const TemporaryDirectory folder;
  TrainingOptions options = short_training();
  options.device = "abacus";
  prepare_training(folder.path(), options);
  EXPECT_OCTAVO_ERROR(train(folder.path()), ErrorCode::kInvalidArgument, "'abacus'", "cpu, cuda");
}

TEST(Training, RefusesLabelsThatAreNotThere) {
  const TemporaryDirectory folder;
  TrainingOptions options = short_training();
  options.loss = "cross-entropy";
  prepare_training(folder.path(), options);
  EXPECT_OCTAVO_ERROR(train(folder.path()), ErrorCode::kInvalidArgument, "needs labels");
}

}  // namespace
}  // namespace octavo
