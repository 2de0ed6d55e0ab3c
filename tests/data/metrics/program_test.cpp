// The user's own metric.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "data/npz.h"
#include "data/test_files.h"
#include "octavo/metrics.h"
#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

class ProgramMetric : public ::testing::Test {
 protected:
  std::string program(const std::string& text) {
    const fs::path path = folder_ / "metric.sh";
    testing::write_file(path, "#!/bin/sh\n" + text + "\n");
    fs::permissions(path, fs::perms::owner_all);
    return path.string();
  }

  // Of two samples.
  double measure(const std::string& metric) {
    const auto opened = open_metric(metric);
    MetricAccumulator accumulator(*opened);
    const std::vector<std::string> names = {"logits", "labels"};
    for (const std::size_t index : {1U, 0U}) {
      const auto first = static_cast<float>(10 * index);
      const std::vector<Tensor> outputs = {Tensor::of<float>({1, 2}, {first, first + 1}),
                                           Tensor::of<std::int64_t>({1}, {5})};
      const GroundTruth truth = {{"classes", Tensor::of<std::int64_t>({2}, {3, -1})}};
      accumulator.add(index, {outputs, {}, static_cast<std::int64_t>(index), "s", &truth, names});
    }
    return accumulator.value().value;
  }

  testing::TemporaryDirectory folder_;
};

TEST_F(ProgramMetric, ReadsOutputsAndTruthOfAllSamplesInOrder) {
  const std::string kept = (folder_ / "kept.npz").string();
  EXPECT_EQ(measure("program:" + program("cp \"$1\" " + kept + "\necho ' 0.25 '")), 0.25);
  const Npz npz(kept);
  EXPECT_EQ(npz.names(),
            (std::vector<std::string>{"labels", "logits", "truth.classes", "truth.labels"}));
  const Tensor logits = npz.read("logits");
  EXPECT_EQ(logits.shape(), (Shape{2, 2}));
  EXPECT_EQ(logits.as<float>()[0], 0);
  EXPECT_EQ(logits.as<float>()[3], 11);
  EXPECT_EQ(npz.read("truth.labels").as<std::int64_t>()[1], 1);
  EXPECT_EQ(npz.read("truth.classes").shape(), (Shape{2, 2}));
  EXPECT_EQ(npz.read("labels").as<std::int64_t>()[0], 5) << "an output of that name";
}

TEST_F(ProgramMetric, SaysWhetherLargerIsBetter) {
  const std::string path = program("echo -1e3");
  EXPECT_EQ(open_metric("program:" + path)->better, BetterValue::kHigher);
  EXPECT_EQ(open_metric("program-loss:" + path)->better, BetterValue::kLower);
  EXPECT_EQ(open_metric("program-loss:" + path)->name, "program-loss:" + path);
  EXPECT_EQ(measure("program-loss:" + path), -1000);
}

TEST_F(ProgramMetric, WhatIsNotThereOrMayNotBeRunIsRefusedAtOnce) {
  EXPECT_OCTAVO_ERROR(open_metric("program:" + (folder_ / "nothing").string()),
                      ErrorCode::kNotFound, "nothing", "no such file");
  EXPECT_OCTAVO_ERROR(open_metric("program:" + folder_.path().string()), ErrorCode::kNotFound,
                      "no such file");
  testing::write_file(folder_ / "plain.py", "print(1)\n");
  EXPECT_OCTAVO_ERROR(open_metric("program:" + (folder_ / "plain.py").string()),
                      ErrorCode::kNotFound, "plain.py", "chmod +x");
  EXPECT_OCTAVO_ERROR(open_metric("program:"), ErrorCode::kInvalidArgument, "program:PATH");
  EXPECT_OCTAVO_ERROR(open_metric("program"), ErrorCode::kInvalidArgument, "program:PATH");
}

TEST_F(ProgramMetric, WhatFailsOrPrintsNoNumberIsNamed) {
  EXPECT_OCTAVO_ERROR(measure("program:" + program("echo 1; exit 3")), ErrorCode::kRuntime,
                      "metric.sh", "exit code 3");
  EXPECT_OCTAVO_ERROR(measure("program:" + program("kill -9 $$")), ErrorCode::kRuntime,
                      "killed by signal 9");
  EXPECT_OCTAVO_ERROR(measure("program:" + program("true")), ErrorCode::kRuntime, "printed nothing",
                      "one number");
  EXPECT_OCTAVO_ERROR(measure("program:" + program("echo accuracy 0.9")), ErrorCode::kRuntime,
                      "printed 'accuracy 0.9'", "one number");
  EXPECT_OCTAVO_ERROR(measure("program:" + program("echo 1 2")), ErrorCode::kRuntime,
                      "printed '1 2'");
  for (const std::string word : {"nan", "inf", "1e999"}) {
    EXPECT_OCTAVO_ERROR(measure("program:" + program("echo " + word)), ErrorCode::kRuntime,
                        "printed '" + word + "'", "finite number");
  }
  testing::write_file(folder_ / "text", "no program at all\n");
  fs::permissions(folder_ / "text", fs::perms::owner_all);
  EXPECT_OCTAVO_ERROR(measure("program:" + (folder_ / "text").string()), ErrorCode::kRuntime,
                      "text: does not start");
}

TEST_F(ProgramMetric, WhatDoesNotEndInTimeIsKilledWithAllThatItStarted) {
  const std::string late = (folder_ / "late").string();
  const std::string hanging = program("(sleep 2; touch " + late + ") | cat; echo 1");
  EXPECT_OCTAVO_ERROR(measure("program:" + hanging + ":0.2s"), ErrorCode::kRuntime, "metric.sh",
                      "did not end within 0.2 s and was killed", "metric.sh:1h");
  // It prints nothing more, and goes on.
  const std::string silent = program("echo 1; exec >&-; sleep 2; touch " + late);
  EXPECT_OCTAVO_ERROR(measure("program:" + silent + ":0.2s"), ErrorCode::kRuntime, "0.2 s");
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  EXPECT_FALSE(fs::exists(late)) << "what the program had started went on";
}

TEST_F(ProgramMetric, ATimeLimitIsANumberWithItsUnit) {
  const std::string path = program("echo 1");
  for (const std::string limit : {"90s", "0.5m", "2h"}) {
    const auto metric = open_metric("program:" + path + ":" + limit);
    EXPECT_EQ(metric->name, "program:" + path) << "the same metric, whatever its limit";
    EXPECT_EQ(measure("program:" + path + ":" + limit), 1);
  }
  for (const std::string limit : {"0s", "-1m", "2000h"}) {
    EXPECT_OCTAVO_ERROR(open_metric("program:" + path + ":" + limit), ErrorCode::kInvalidArgument,
                        "time limit of", "more than 0 s", "90s, 10m or 2h");
  }
  // Anything else belongs to the path.
  EXPECT_OCTAVO_ERROR(open_metric("program:" + path + ":90"), ErrorCode::kNotFound, "metric.sh:90",
                      "no such file");
}

TEST_F(ProgramMetric, OutputsOfDifferentShapesAreRefused) {
  const auto metric = open_metric("program:" + program("echo 1"));
  MetricAccumulator accumulator(*metric);
  for (const std::int64_t count : {1, 2}) {
    const Tensor output(DType::kFloat32, {1, count});
    accumulator.add(static_cast<std::size_t>(count), {{&output, 1}, {}, {}, "s"});
  }
  EXPECT_OCTAVO_ERROR(accumulator.value(), ErrorCode::kRuntime, "'output_0'", "[1, 1]", "[1, 2]");
}

TEST(OpenMetric, OnlySomeTakeASetting) {
  EXPECT_EQ(open_metric("top1").get(), &find_metric("top1"));
  EXPECT_OCTAVO_ERROR(open_metric("top1:3"), ErrorCode::kInvalidArgument, "'top1:3'",
                      "takes no setting");
  EXPECT_OCTAVO_ERROR(open_metric("top3"), ErrorCode::kInvalidArgument, "'top3'", "program:PATH");
}

TEST(MetricText, HasItsUnit) {
  EXPECT_EQ(metric_text(find_metric("top1"), 0.91234), "91.23 %");
  EXPECT_EQ(metric_text(find_metric("sqnr"), 21.27), "21.3 dB");
  EXPECT_EQ(metric_text(find_metric("kl"), 0.012361), "0.01236 nats");
  EXPECT_EQ(metric_text(find_metric("cosine"), 0.98765), "0.9877");
}

}  // namespace
}  // namespace octavo
