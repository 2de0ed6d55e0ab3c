// EXPECT_OCTAVO_ERROR(statement, code, "part", ...): the statement throws octavo::Error with that
// code, and its message holds every part.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "octavo/error.h"

namespace octavo::testing {

inline void expect_message_holds(const Error& error,
                                 std::initializer_list<std::string_view> parts) {
  const std::string_view message = error.what();
  for (std::string_view part : parts) {
    EXPECT_NE(message.find(part), std::string_view::npos)
        << "the message should hold \"" << part << "\" but is: " << message;
  }
}

}  // namespace octavo::testing

#define EXPECT_OCTAVO_ERROR(statement, expected_code, ...)                              \
  do {                                                                                  \
    bool octavo_thrown = false;                                                         \
    try {                                                                               \
      statement;                                                                        \
    } catch (const ::octavo::Error& error) {                                            \
      octavo_thrown = true;                                                             \
      EXPECT_EQ(::octavo::to_string(error.code()), ::octavo::to_string(expected_code)); \
      ::octavo::testing::expect_message_holds(error, {__VA_ARGS__});                    \
    }                                                                                   \
    EXPECT_TRUE(octavo_thrown) << "no octavo::Error was thrown";                        \
  } while (false)
