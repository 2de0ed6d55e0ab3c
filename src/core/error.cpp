#include "octavo/error.h"

#include <array>
#include <utility>

namespace octavo {

std::string_view to_string(ErrorCode code) {
  using enum ErrorCode;
  static constexpr std::array<std::pair<ErrorCode, std::string_view>, 8> kNames = {{
      {kInvalidArgument, "invalid-argument"},
      {kNotFound, "not-found"},
      {kInvalidModel, "invalid-model"},
      {kUnsupported, "unsupported"},
      {kInvalidData, "invalid-data"},
      {kInvalidFile, "invalid-file"},
      {kIo, "io"},
      {kRuntime, "runtime"},
  }};
  for (const auto& [known, name] : kNames) {
    if (known == code) return name;
  }
  return "unknown";
}

}  // namespace octavo
