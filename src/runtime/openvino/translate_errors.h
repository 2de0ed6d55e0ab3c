// The one place where OpenVINO's exceptions become Octavo's.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <string_view>
#include <utility>

#include "octavo/error.h"
#include "runtime/out_of_memory.h"

namespace octavo {

// Runs `call`, which holds nothing but calls of OpenVINO. Its exceptions are not only
// ov::Exception: the plugin's libraries throw their own, all of them std::exception.
template <typename Call>
auto translate_errors(ErrorCode code, std::string_view context, Call&& call) {
  try {
    return std::forward<Call>(call)();
  } catch (const std::exception& error) {
    rethrow_out_of_memory(error.what());
    throw Error(code, fmt::format("{}: {}", context, error.what()));
  }
}

}  // namespace octavo
