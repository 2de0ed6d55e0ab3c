#include "octavo/mode.h"

#include <gtest/gtest.h>

#include <string>

#include "octavo/error.h"

namespace octavo {
namespace {

TEST(Mode, NamesAreReadBack) {
  for (const Mode mode :
       {Mode::kStatic, Mode::kDynamic, Mode::kWeightOnly, Mode::kFloat16, Mode::kBfloat16}) {
    EXPECT_EQ(parse_mode(to_string(mode)), mode) << to_string(mode);
  }
  EXPECT_EQ(to_string(Mode::kWeightOnly), "weight-only");
}

TEST(Mode, AnUnknownNameIsAnErrorThatListsTheKnown) {
  try {
    parse_mode("Static");
    FAIL() << "names are written in small letters";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(
        std::string(error.what()),
        "unknown mode 'Static', expected one of static, dynamic, weight-only, float16, bfloat16");
  }
}

}  // namespace
}  // namespace octavo
