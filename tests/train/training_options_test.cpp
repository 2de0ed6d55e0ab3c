#include "train/training_options.h"

#include <gtest/gtest.h>

#include "support/error_matchers.h"

namespace octavo {
namespace {

TEST(TrainingOptions, ComeBackFromTheirJson) {
  TrainingOptions options;
  options.epochs = 2.5;
  options.batch = 17;
  options.loss = "mse";
  options.precision = "bfloat16";
  TrainingOptions found;
  read_training_options(Config::parse(to_json(options), "options.json"), found);
  EXPECT_EQ(found, options);
}

TEST(TrainingOptions, DefaultsAreWithinTheirLimits) { EXPECT_NO_THROW(check(TrainingOptions())); }

TEST(TrainingOptions, AFigureOutsideItsLimitsIsRefused) {
  TrainingOptions options;
  options.momentum = 1;
  EXPECT_OCTAVO_ERROR(check(options), ErrorCode::kInvalidArgument, "momentum is 1",
                      "expected 0 to 0.999");
}

TEST(TrainingOptions, AnUnknownKeyIsRefusedWithItsLine) {
  TrainingOptions options;
  EXPECT_OCTAVO_ERROR(
      read_training_options(Config::parse("epochs: 1\nlearning: 2\n", "s.yaml"), options),
      ErrorCode::kInvalidFile, "s.yaml:2", "learning");
}

TEST(TrainingFigure, ItsFlagHasDashes) {
  EXPECT_EQ(flag_of(training_figures()[3].name), "--learning-rate");
}

}  // namespace
}  // namespace octavo
