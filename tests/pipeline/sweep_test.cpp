#include "octavo/sweep.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

#include "core/build_version.h"
#include "octavo/error.h"
#include "pipeline/sweep/data_fingerprint.h"
#include "pipeline/sweep/pareto.h"
#include "pipeline/sweep/sweep_cache.h"
#include "placement/profile.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/paths.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,3,8,8]
  const w1: float32[8,3,3,3] = random(1)
  const w2: float32[8,8,3,3] = random(2)
  const w3: float32[8,4] = random(3)
  c1 = Conv(x, w1) {pads=[1,1,1,1]} "first"
  r1 = Relu(c1) "relu"
  c2 = Conv(r1, w2) "second"
  g = GlobalAveragePool(c2) "average"
  f = Flatten(g) "flatten"
  y = MatMul(f, w3) "classify"
  output y: float32[N,4]
)";

class Noise final : public Dataset {
 public:
  explicit Noise(std::uint32_t seed = 1) : seed_(seed) {}
  std::size_t size() const override { return 12; }
  bool labelled() const override { return true; }
  Sample at(std::size_t index) const override {
    std::mt19937 random(seed_ * 1000 + static_cast<std::uint32_t>(index));
    Tensor tensor(DType::kFloat32, {1, 3, 8, 8});
    for (float& value : tensor.mutable_as<float>()) {
      value = static_cast<float>(random() % 2001) / 1000 - 1;
    }
    Sample sample;
    sample.inputs.push_back(std::move(tensor));
    sample.label = static_cast<std::int64_t>(index % 4);
    return sample;
  }

 private:
  std::uint32_t seed_;
};

std::vector<SweepRecipe> recipes() {
  std::vector<SweepRecipe> found;
  for (const char* calibrator : {"max", "mse", "entropy", "min-max", "sigma:3"}) {
    for (const Granularity granularity : {Granularity::kPerTensor, Granularity::kPerChannel}) {
      SweepRecipe recipe;
      const bool per_tensor = granularity == Granularity::kPerTensor;
      recipe.values = {calibrator, per_tensor ? "per-tensor" : "per-channel"};
      recipe.options.recipe.activation_calibrator = parse_calibrator(calibrator);
      recipe.options.recipe.weight_granularity = granularity;
      found.push_back(std::move(recipe));
    }
  }
  return found;
}

class SweepModel : public ::testing::Test {
 protected:
  SweepReport sweep(std::vector<SweepRecipe> tried, const Dataset& evaluation) {
    SweepTask task{model_,          10'000, calibration_, evaluation, {"calibrator", "granularity"},
                   std::move(tried)};
    return sweep_model(task, options());
  }

  SweepOptions options() {
    SweepOptions options;
    options.directory = folder_.path();
    options.threads = 2;
    options.latency_seconds = 0;
    options.progress = progress_;
    return options;
  }

  // Where it matters how weights are rounded.
  std::string four_bit_target() const {
    const std::vector<ShippedProfile> all = shipped_profiles();
    const auto shipped = std::find_if(all.begin(), all.end(), [](const ShippedProfile& profile) {
      return profile.name == "onnxruntime-x86";
    });
    nlohmann::json profile = nlohmann::json::parse(shipped->text);
    profile["weight"]["reduced_bits"] = 4;
    std::ofstream(folder_ / "four-bit.json") << profile;
    return folder_ / "four-bit.json";
  }

  std::size_t cached_outcomes() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder_ / "cache")) {
      count += entry.path().extension() == ".json" ? 1 : 0;
    }
    return count;
  }

  testing::TemporaryDirectory folder_;
  Model model_ = testing::parse_graph(kNetwork);
  Noise calibration_{7};
  Noise evaluation_{8};
  std::function<void(std::size_t, std::size_t)> progress_;
};

TEST_F(SweepModel, MeasuresEveryRecipeBesideTheFloatModel) {
  const SweepReport report = sweep(recipes(), evaluation_);
  EXPECT_EQ(report.metric, "top1");
  EXPECT_EQ(report.samples, 12U);
  EXPECT_EQ(report.from_cache, 0U);
  ASSERT_EQ(report.rows.size(), 10U);
  EXPECT_TRUE(report.float_row.evaluation.metric("top1"));
  for (const SweepRow& row : report.rows) {
    EXPECT_TRUE(row.unsupported.empty()) << row.unsupported;
    EXPECT_GT(row.evaluation.metric("sqnr").value_or(0), 5) << row.values[0];
    EXPECT_GT(row.evaluation.file_bytes, 0U);
    EXPECT_EQ(!row.file.empty(), row.on_front);
    if (row.on_front) {
      EXPECT_TRUE(fs::exists(folder_.path() / row.file));
    }
  }
  const auto statistics =
      std::count_if(fs::directory_iterator(folder_ / "cache"), fs::directory_iterator(),
                    [](const auto& entry) { return entry.path().extension() == ".statistics"; });
  EXPECT_EQ(statistics, 1);  // one calibration for all
}

TEST_F(SweepModel, RepairsAreRowsOfTheirOwn) {
  std::vector<SweepRecipe> tried = {recipes()[1], recipes()[1]};
  tried[1].values[0] = "repaired";
  tried[1].options.target = four_bit_target();
  tried[1].options.repairs = {"adaround"};
  tried.push_back(tried[1]);
  tried[2].values[0] = "nearest";
  tried[2].options.repairs.clear();
  const SweepReport report = sweep(tried, evaluation_);
  const auto sqnr = [&](std::size_t row) {
    return report.rows[row].evaluation.metric("sqnr").value_or(-1);
  };
  EXPECT_GT(sqnr(1), sqnr(2) + 1) << "rounding to nearest, beside adaptive rounding";
  EXPECT_GT(sqnr(0), sqnr(1)) << "8 bits, beside 4";
  tried.resize(2);
  EXPECT_EQ(sweep(tried, evaluation_).from_cache, 2U);
}

TEST_F(SweepModel, ReadsAFinishedSweepBackToTheSameReport) {
  const std::string first = to_json(sweep(recipes(), evaluation_));
  const SweepReport second = sweep(recipes(), evaluation_);
  EXPECT_EQ(second.from_cache, 10U);
  EXPECT_EQ(to_json(second), first);
}

TEST_F(SweepModel, GoesOnAfterAnInterruption) {
  progress_ = [](std::size_t done, std::size_t total) {
    if (done > total * 9 / 10) throw Error(ErrorCode::kIo, "the lights went out");
  };
  EXPECT_OCTAVO_ERROR(sweep(recipes(), evaluation_), ErrorCode::kIo, "lights");
  EXPECT_EQ(cached_outcomes(), 9U);  // float and a group of eight
  progress_ = {};
  const SweepReport resumed = sweep(recipes(), evaluation_);
  EXPECT_EQ(resumed.from_cache, 8U);
  const testing::TemporaryDirectory fresh;
  SweepTask task{model_,   10'000, calibration_, evaluation_, {"calibrator", "granularity"},
                 recipes()};
  SweepOptions elsewhere = options();
  elsewhere.directory = fresh.path();
  EXPECT_EQ(to_json(resumed), to_json(sweep_model(task, elsewhere)));
}

TEST_F(SweepModel, OtherDataAreAnotherOutcome) {
  sweep(recipes(), evaluation_);
  EXPECT_EQ(sweep(recipes(), Noise(9)).from_cache, 0U);
  EXPECT_EQ(fingerprint(evaluation_, 1), fingerprint(evaluation_, 3));
  EXPECT_NE(fingerprint(evaluation_, 1), fingerprint(Noise(9), 1));
}

TEST_F(SweepModel, AnotherBuildsOutcomesAreNotFound) {
  sweep(recipes(), evaluation_);
  const auto executor = make_executor("onnxruntime");
  SweepSetting setting{build_version(),
                       fingerprint(model_),
                       fingerprint(calibration_, 1),
                       fingerprint(evaluation_, 1),
                       fmt::format("{} {}", executor->name(), executor->version()),
                       {},
                       1,
                       false};
  const auto float_file = [&] {
    return folder_ / fmt::format("cache/{:016x}.json", hash_of(setting_text(setting) + "; float"));
  };
  EXPECT_TRUE(fs::exists(float_file())) << "this build's";
  const std::uint64_t statistics = statistics_key(setting, 1);
  setting.octavo = "0.0.9 build 0123";
  EXPECT_FALSE(fs::exists(float_file()));
  EXPECT_NE(statistics_key(setting, 1), statistics);
}

TEST_F(SweepModel, AMetricProgramCountsByItsContents) {
  const fs::path program = folder_ / "metric";
  SweepSetting setting;
  setting.metrics = {"program:" + program.string()};
  std::ofstream(program) << "#!/bin/sh\necho 1\n";
  const std::string first = setting_text(setting);
  EXPECT_EQ(setting_text(setting), first);
  std::ofstream(program) << "#!/bin/sh\necho 2\n";
  EXPECT_NE(setting_text(setting), first);
}

TEST_F(SweepModel, DamagedOutcomesAreMadeAnew) {
  const std::string first = to_json(sweep(recipes(), evaluation_));
  for (const auto& entry : fs::directory_iterator(folder_ / "cache")) {
    if (entry.path().extension() == ".json") std::ofstream(entry.path()) << "{\"file_by";
  }
  const SweepReport again = sweep(recipes(), evaluation_);
  EXPECT_EQ(again.from_cache, 0U);
  EXPECT_EQ(to_json(again), first);
}

TEST_F(SweepModel, WhatTheTargetRefusesIsARowWithTheReason) {
  std::vector<SweepRecipe> tried = recipes();
  tried[1].options.recipe.weight_dtype = DType::kInt4;
  tried[1].values[0] = "int4";
  const SweepReport report = sweep(tried, evaluation_);
  EXPECT_NE(report.rows[1].unsupported.find("no kernels for int4"), std::string::npos);
  EXPECT_EQ(sorted_rows(report, "metric").back(), 1U);
  EXPECT_EQ(sorted_rows(report, "grid").back(), 1U);
  EXPECT_NE(to_csv(report).find("no kernels for int4"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(to_json(report))["rows"][1]["calibrator"], "int4");
}

TEST_F(SweepModel, OtherDataRemoveModelsThatAreNoLongerOnTheFront) {
  sweep(recipes(), evaluation_);
  const SweepReport report = sweep(recipes(), Noise(10));
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder_ / "models")) ++files;
  const auto front = std::count_if(report.rows.begin(), report.rows.end(),
                                   [](const SweepRow& row) { return row.on_front; });
  EXPECT_EQ(files, static_cast<std::size_t>(front));
}

TEST_F(SweepModel, SortsAndDraws) {
  const SweepReport report = sweep(recipes(), evaluation_);
  const auto order = sorted_rows(report, "sqnr");
  for (std::size_t i = 1; i < order.size(); ++i) {
    EXPECT_GE(*report.rows[order[i - 1]].evaluation.metric("sqnr"),
              *report.rows[order[i]].evaluation.metric("sqnr"));
  }
  EXPECT_OCTAVO_ERROR(sorted_rows(report, "beauty"), ErrorCode::kInvalidArgument, "'beauty'");
  const std::string picture = to_svg(report);
  EXPECT_EQ(picture.rfind("<svg ", 0), 0U);
  EXPECT_NE(picture.find("Pareto front"), std::string::npos);
  EXPECT_NE(picture.find("</svg>"), std::string::npos);
}

TEST(Pareto, KeepsWhatNothingBeats) {
  const std::vector<Objectives> outcomes = {
      {90, 10, 40, 0},  // accurate and slow
      {89, 5, 10, 0},   // the compromise
      {89, 6, 10, 9},   // slower than that, whatever its fidelity
      {70, 5, 9, 0},    // smallest
      {70, 5, 9, 1},    // the same, and nearer to the float model
  };
  EXPECT_EQ(pareto_front(outcomes), (std::vector<bool>{true, true, false, false, true}));
  EXPECT_TRUE(pareto_front({}).empty());
}

}  // namespace
}  // namespace octavo
