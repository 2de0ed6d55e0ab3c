#include "train/training_log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace octavo {
namespace {

TrainingFacts facts() {
  TrainingFacts result;
  result.metric = "top1";
  result.loss = "distillation:1";
  result.steps = 40;
  result.held_out_samples = 100;
  return result;
}

const TrainingHistory kHistory{{{10, 0.5, 1.25, 0.001, 0.0123, 4.5, 3}},
                               {{0, 0.5, 3}, {10, 0.75, 2}}};

TEST(ProgressLine, SaysWhereTheTrainingIs) {
  EXPECT_EQ(progress_line(facts(), kHistory, 130),
            "step 10/40  epoch 0.50/6  loss 1.2500  top1 75.00 %  step drift 0.0123  "
            "rate 0.001000  left 02:10");
}

TEST(TrainingJson, HoldsEveryRecord) {
  const auto json = nlohmann::json::parse(training_json(facts(), kHistory));
  EXPECT_EQ(json["steps"], 40);
  EXPECT_EQ(json["records"][0]["loss"], 1.25);
  EXPECT_EQ(json["records"][0]["gradient_norm"], 4.5);
  EXPECT_EQ(json["evaluations"][1]["top1"], 0.75);
  EXPECT_EQ(json["evaluations"][1]["loss"], 2);
  EXPECT_EQ(json["kept_step"], 10);
  EXPECT_EQ(json["options"]["batch"], 64);
}

}  // namespace
}  // namespace octavo
