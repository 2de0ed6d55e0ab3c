#include "repair/repair.h"

#include <gtest/gtest.h>

#include <array>

#include "support/error_matchers.h"

namespace octavo {
namespace {

TEST(Repairs, HaveNamesHelpAndOneFunctionEach) {
  ASSERT_EQ(repairs().size(), all_repairs().size());
  for (const Repair& repair : all_repairs()) {
    EXPECT_FALSE(repair.info.name.empty());
    EXPECT_FALSE(repair.info.help.empty());
    const int functions = (repair.propose != nullptr ? 1 : 0) + (repair.apply != nullptr ? 1 : 0) +
                          (repair.apply_to_weights != nullptr ? 1 : 0);
    EXPECT_EQ(functions, 1) << repair.info.name;
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
  EXPECT_OCTAVO_ERROR(
      find_repairs(names, Mode::kStatic), ErrorCode::kInvalidArgument,
      "unknown repair 'magic', expected one of equalize, smooth, clip, adaround, brecq, bias");
  EXPECT_OCTAVO_ERROR(find_repairs(names, Mode::kWeightOnly), ErrorCode::kInvalidArgument,
                      "unknown repair 'magic', expected one of awq, seqmse, gptq");
}

TEST(Repairs, BelongToAMode) {
  const std::array<std::string, 1> names = {"gptq"};
  EXPECT_EQ(find_repairs(names, Mode::kWeightOnly).size(), 1U);
  EXPECT_OCTAVO_ERROR(find_repairs(names, Mode::kStatic), ErrorCode::kInvalidArgument,
                      "repair 'gptq' is for mode weight-only; mode static has equalize, smooth");
  EXPECT_OCTAVO_ERROR(find_repairs(names, Mode::kDynamic), ErrorCode::kInvalidArgument,
                      "repair 'gptq' is for mode weight-only; mode dynamic has none");
}

}  // namespace
}  // namespace octavo
