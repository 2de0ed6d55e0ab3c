#include "repair/repair.h"

#include <gtest/gtest.h>

#include <array>

#include "support/error_matchers.h"

namespace octavo {
namespace {

TEST(Repairs, HaveNamesHelpAndAFunctionForEachOfTheirModes) {
  ASSERT_EQ(repairs().size(), all_repairs().size());
  for (const Repair& repair : all_repairs()) {
    EXPECT_FALSE(repair.info.name.empty());
    EXPECT_FALSE(repair.info.help.empty());
    EXPECT_EQ(repair.info.works_in(Mode::kStatic),
              (repair.propose != nullptr) != (repair.apply != nullptr))
        << repair.info.name;
    EXPECT_EQ(repair.info.works_in(Mode::kWeightOnly), repair.apply_to_weights != nullptr)
        << repair.info.name;
  }
}

TEST(Repairs, ComeInTheirOwnOrder) {
  const std::array<std::string, 3> names = {"bias", "adaround", "equalize"};
  const auto found = find_repairs(names, Mode::kStatic);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].info.name, "equalize");
  EXPECT_EQ(found[1].info.name, "adaround");
  EXPECT_EQ(found[2].info.name, "bias");
}

TEST(Repairs, KnowTheirNames) {
  const std::array<std::string, 1> names = {"magic"};
  EXPECT_OCTAVO_ERROR(find_repairs(names, Mode::kStatic), ErrorCode::kInvalidArgument,
                      "unknown repair 'magic', expected one of equalize, absorb, smooth, "
                      "clip, adaround, brecq, analytic_bias, bias");
  EXPECT_OCTAVO_ERROR(find_repairs(names, Mode::kWeightOnly), ErrorCode::kInvalidArgument,
                      "unknown repair 'magic', expected one of analytic_bias, awq, seqmse, gptq");
}

TEST(Repairs, BelongToAMode) {
  const std::array<std::string, 1> names = {"gptq"};
  EXPECT_EQ(find_repairs(names, Mode::kWeightOnly).size(), 1U);
  EXPECT_OCTAVO_ERROR(find_repairs(names, Mode::kStatic), ErrorCode::kInvalidArgument,
                      "repair 'gptq' is for mode weight-only; mode static has equalize, absorb");
  EXPECT_OCTAVO_ERROR(find_repairs(names, Mode::kDynamic), ErrorCode::kInvalidArgument,
                      "repair 'gptq' is for mode weight-only; mode dynamic has "
                      "analytic_bias");
}

TEST(Repairs, SayWhetherTheyNeedData) {
  const std::array<std::string, 2> names = {"analytic_bias", "bias"};
  const auto found = find_repairs(names, Mode::kStatic);
  EXPECT_NO_THROW(require_no_data(std::span(found).first(1), "there are none"));
  EXPECT_OCTAVO_ERROR(require_no_data(found, "there are none"), ErrorCode::kInvalidArgument,
                      "repair 'bias' runs the model on calibration data, and there are none");
}

}  // namespace
}  // namespace octavo
