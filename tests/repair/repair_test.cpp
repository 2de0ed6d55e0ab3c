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
    EXPECT_NE(repair.propose == nullptr, repair.apply == nullptr) << repair.info.name;
  }
}

TEST(Repairs, ComeInTheirOwnOrder) {
  const std::array<std::string, 3> names = {"bias", "adaround", "equalize"};
  const auto found = find_repairs(names);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].info.name, "equalize");
  EXPECT_EQ(found[1].info.name, "adaround");
  EXPECT_EQ(found[2].info.name, "bias");
}

TEST(Repairs, KnowTheirNames) {
  const std::array<std::string, 1> names = {"magic"};
  EXPECT_OCTAVO_ERROR(find_repairs(names), ErrorCode::kInvalidArgument,
                      "unknown repair 'magic', expected one of equalize, adaround, bias");
}

}  // namespace
}  // namespace octavo
