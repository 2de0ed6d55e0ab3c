#include "core/build_version.h"

#include <gtest/gtest.h>

namespace octavo {
namespace {

TEST(BuildVersion, NamesVersionAndBuild) {
  const std::string version = build_version();
  const auto at = version.find(" build ");
  ASSERT_NE(at, std::string::npos) << version;
  EXPECT_GT(at, 0U);
  const std::string id = version.substr(at + 7);
  EXPECT_EQ(id.size(), 40U) << "the SHA-1 of " << version;
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
  EXPECT_EQ(build_version(), version);
}

}  // namespace
}  // namespace octavo
