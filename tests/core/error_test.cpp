#include "octavo/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace octavo {
namespace {

TEST(ErrorCode, HasAStableNameOfItsOwn) {
  EXPECT_EQ(to_string(ErrorCode::kInvalidArgument), "invalid-argument");
  EXPECT_EQ(to_string(ErrorCode::kRuntime), "runtime");
  std::set<std::string_view> names;
  constexpr int kCodes = static_cast<int>(ErrorCode::kRuntime) + 1;
  for (int code = 0; code < kCodes; ++code) names.insert(to_string(static_cast<ErrorCode>(code)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kCodes));
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(Error, CarriesItsCodeAndItsMessage) {
  const Error error(ErrorCode::kNotFound, "tensor 'x' is not there");
  EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  EXPECT_STREQ(error.what(), "tensor 'x' is not there");
}

}  // namespace
}  // namespace octavo
