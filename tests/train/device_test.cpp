// What trains on the processor trains on another device too, with the same numbers: nothing mixes
// tensors of both, nothing reads the device's memory, and next to nothing is read back.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/paths.h"
#include "train/constants.h"
#include "train/losses.h"
#include "train/network.h"
#include "train/operator_cases.h"
#include "train/other_device.h"
#include "train/precision.h"
#include "train/prepared_training.h"
#include "train/trainer.h"
#include "train/training_device.h"
#include "train/training_task.h"

namespace octavo {
namespace {

using testing::numbers_read_back;
using testing::other_device;

// On the processor.
struct Outcome {
  at::Tensor value;
  std::vector<at::Tensor> gradients;
};

void expect_same(const at::Tensor& found, const at::Tensor& expected) {
  ASSERT_EQ(found.defined(), expected.defined());
  if (!found.defined()) return;
  ASSERT_EQ(found.sizes(), expected.sizes());
  EXPECT_TRUE(at::allclose(found, expected, 1e-5, 1e-6)) << found << expected;
}

void expect_same(const Outcome& found, const Outcome& expected) {
  expect_same(found.value, expected.value);
  ASSERT_EQ(found.gradients.size(), expected.gradients.size());
  for (std::size_t i = 0; i < found.gradients.size(); ++i) {
    expect_same(found.gradients[i], expected.gradients[i]);
  }
}

at::Tensor near(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.detach().to(at::kCPU) : tensor;
}

Outcome outcome_of(const at::Tensor& value, const Values& sources) {
  if (value.requires_grad()) value.sum().backward();
  Outcome outcome{near(value), {}};
  for (const at::Tensor& source : sources) outcome.gradients.push_back(near(source.grad()));
  return outcome;
}

class OperatorElsewhere : public ::testing::TestWithParam<testing::OperatorCase> {
 protected:
  static Outcome run_on(at::Device device) {
    const Model model = testing::model_of(GetParam());
    Values inputs;
    for (const TensorInfo& input : model.inputs()) {
      const auto seed = static_cast<std::uint32_t>(inputs.size()) + 1;
      const at::Tensor noise = to_torch(testing::noise(input.shape, seed));
      inputs.push_back(noise.to(device).set_requires_grad(true));
    }
    const Network network(model, {{"y"}, {}, {}, device});
    const std::int64_t before = numbers_read_back();
    const at::Tensor y = network.run(inputs).front();
    // Gradients are libtorch's own; that of a product reads back how many zeros there are.
    EXPECT_EQ(numbers_read_back(), before);
    EXPECT_EQ(y.device(), device);
    return outcome_of(y, inputs);
  }
};

TEST_P(OperatorElsewhere, GivesTheSameAndReadsNothingBack) {
  expect_same(run_on(other_device()), run_on(at::kCPU));
}

INSTANTIATE_TEST_SUITE_P(Operators, OperatorElsewhere,
                         ::testing::ValuesIn(testing::operator_cases()),
                         [](const auto& test) { return testing::name_of(test.param, test.index); });

struct Looked {
  at::Tensor found;
  at::Tensor gradient;  // of the table
};

Looked look_up_on(at::Device device) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: int64[2,3]
    const table: float32[5,4] = random(1)
    e = Gather(table, x)
    s = Mul(e, e)
    y = ReduceMean(s) {axes=[2]}
    output y: float32
  )");
  const at::Tensor table =
      to_torch(testing::noise({5, 4}, 1)).to(device).detach().set_requires_grad(true);
  const Network network(model, {{"y"}, {}, {{"table", table}}, device});
  const at::Tensor x = at::tensor({0, -1, 2, 2, 4, 1}, at::kLong).reshape({2, 3});
  const Outcome outcome = outcome_of(network.run({x}).front(), {table});
  return {outcome.value, outcome.gradients.front()};
}

TEST(NetworkElsewhere, LooksUpWhatWholeNumbersSay) {
  const Looked expected = look_up_on(at::kCPU);
  const Looked found = look_up_on(other_device());
  expect_same(found.found, expected.found);
  expect_same(found.gradient, expected.gradient);
}

TEST(NetworkElsewhere, ComputesProductsInFewerBitsWhereAsked) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[1,3,8,8]
    const w: float32[4,3,3,3] = random(1)
    const v: float32[6,2] = random(2)
    c = Conv(x, w)
    y = MatMul(c, v)
    output y: float32
  )");
  const Network network(model, {{"c", "y"}, {}, {}, other_device()});
  const at::Tensor x = to_torch(testing::noise({1, 3, 8, 8}, 1));
  const Values exact = network.run({x});
  const Autocast autocast(Precision::kBfloat16, other_device());
  const Values found = network.run({x});
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(exact[i].scalar_type(), at::kFloat);
    EXPECT_EQ(found[i].scalar_type(), at::kBFloat16);
    EXPECT_TRUE(at::allclose(near(found[i]).to(at::kFloat), near(exact[i]), 0.02, 0.2));
  }
}

class LossElsewhere : public ::testing::TestWithParam<std::string> {
 protected:
  static Outcome run_on(at::Device device) {
    const auto tensor = [&](const Shape& shape, std::uint32_t seed) {
      return to_torch(testing::noise(shape, seed)).to(device);
    };
    LossInput input;
    input.scores = tensor({6, 3}, 1).set_requires_grad(true);
    input.teacher = tensor({6, 3}, 2);
    input.labels = at::tensor({0, 1, 2, 2, 1, 0}, at::kLong).to(device);
    input.features = {{tensor({6, 4, 5}, 3).set_requires_grad(true), tensor({6, 4, 5}, 4)}};
    input.label_smoothing = 0.1;
    input.temperature = 2;
    const at::Tensor loss = total_loss(parse_losses(GetParam(), true), input);
    EXPECT_EQ(loss.device(), device);
    return outcome_of(loss, {input.scores, input.features.front().value});
  }
};

TEST_P(LossElsewhere, GivesTheSameAndReadsNothingBack) {
  const Outcome expected = run_on(at::kCPU);
  const std::int64_t before = numbers_read_back();
  const Outcome found = run_on(other_device());
  EXPECT_EQ(numbers_read_back(), before);
  expect_same(found, expected);
}

std::vector<std::string> loss_words() {
  std::vector<std::string> words;
  for (const Loss& loss : losses()) words.emplace_back(loss.word);
  return words;
}

INSTANTIATE_TEST_SUITE_P(Losses, LossElsewhere, ::testing::ValuesIn(loss_words()),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::erase(name, '-');
                           return name;
                         });

constexpr std::int64_t kSteps = 5;
// The loss, the length of the gradients and, for the log, the drift of the scales.
constexpr std::int64_t kReadsOfAStep = 3;

struct Training {
  TrainingResult result;
  double last_loss = 0;
  double step_drift = 0;
};

Training training_in(const std::filesystem::path& folder) {
  const TrainingResult result = train(folder);
  std::ifstream stream(folder / kTrainingLog);
  const auto records = nlohmann::json::parse(stream)["records"];
  EXPECT_EQ(records.size(), static_cast<std::size_t>(kSteps));
  return {result, records.back()["loss"], records.back()["step_drift"]};
}

void prepare_training_on(at::Device device, const std::filesystem::path& folder) {
  TrainingOptions options = testing::short_training();
  options.device = device.str();
  options.epochs = 0.5;
  options.average = 0.5;
  options.loss = "distillation+features";
  testing::prepare_training(folder, options, {2, 3});
}

// Nearly: a device sums up in another order.
void expect_near(const Training& found, const Training& expected) {
  EXPECT_NEAR(found.last_loss, expected.last_loss, 0.01 * expected.last_loss);
  EXPECT_NEAR(found.step_drift, expected.step_drift, 0.01 * expected.step_drift);
  EXPECT_EQ(found.result.start_value, expected.result.start_value);
  EXPECT_NEAR(found.result.trained_value, expected.result.trained_value, 0.02);
}

TEST(TrainingElsewhere, EndsAsOnTheProcessorAndResumes) {
  const testing::TemporaryDirectory here;
  prepare_training_on(at::kCPU, here.path());
  const Training expected = training_in(here.path());
  EXPECT_GT(expected.step_drift, 0);
  const testing::TemporaryDirectory there;
  prepare_training_on(other_device(), there.path());
  const std::int64_t before = numbers_read_back();
  expect_near(training_in(there.path()), expected);
  EXPECT_LE(numbers_read_back() - before, kReadsOfAStep * kSteps + 2) << "two evaluations";
  std::filesystem::remove(there / kTrainedModel);
  expect_near(training_in(there.path()), expected);
  EXPECT_TRUE(std::filesystem::exists(there / kTrainedModel));
}

std::string trained_bytes(const std::filesystem::path& folder) {
  std::ifstream stream(folder / kTrainedModel, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(TrainingElsewhere, GoesOnAfterTheDeviceWasLostToTheSameBits) {
  const auto prepare = [](const std::filesystem::path& folder) {
    TrainingOptions options = testing::short_training();
    options.device = other_device().str();
    options.epochs = 0.5;
    options.checkpoint_every = 1;
    testing::prepare_training(folder, options, {2, 3});
  };
  const testing::TemporaryDirectory whole;
  prepare(whole.path());
  training_in(whole.path());
  const testing::TemporaryDirectory broken;
  prepare(broken.path());
  {
    const testing::DeviceLoss loss(1 +
                                   kReadsOfAStep * (kSteps - 2));  // the evaluation, three steps
    EXPECT_ANY_THROW(train(broken.path()));
  }
  EXPECT_FALSE(std::filesystem::exists(broken / kTrainedModel));
  const std::int64_t before = numbers_read_back();
  training_in(broken.path());
  EXPECT_LE(numbers_read_back() - before, kReadsOfAStep * 2 + 1) << "it began anew";
  EXPECT_EQ(trained_bytes(broken.path()), trained_bytes(whole.path()));
}

double last_loss_on(at::Device device, const std::string& precision) {
  const testing::TemporaryDirectory folder;
  TrainingOptions options = testing::short_training();
  options.device = device.str();
  options.epochs = 0.5;
  options.precision = precision;
  testing::prepare_training(folder.path(), options, {2, 3});
  return training_in(folder.path()).last_loss;
}

TEST(TrainingElsewhere, LearnsTheSameInFewerBits) {
  const double expected = last_loss_on(at::kCPU, "bfloat16");
  const double found = last_loss_on(other_device(), "bfloat16");
  EXPECT_NEAR(found, expected, 0.05 * expected);
  EXPECT_NE(found, last_loss_on(other_device(), "float32"));
}

TEST(TrainingDevice, RefusesWhatIsNotThere) {
  TrainingOptions options;
  for (const char* word : {"gpu", "meta", "cuda:x"}) {
    options.device = word;
    EXPECT_OCTAVO_ERROR(training_device(options), ErrorCode::kInvalidArgument, word,
                        "expected cpu, cuda or cuda:N");
  }
  options.device = other_device().str().substr(0, 5) + ":1";
  EXPECT_OCTAVO_ERROR(training_device(options), ErrorCode::kInvalidArgument, "other:1",
                      "sees none such");
}

}  // namespace
}  // namespace octavo
