#include "octavo/mode.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "octavo/error.h"

namespace octavo {
namespace {

constexpr std::array<std::pair<Mode, std::string_view>, 5> kNames = {
    {{Mode::kStatic, "static"},
     {Mode::kDynamic, "dynamic"},
     {Mode::kWeightOnly, "weight-only"},
     {Mode::kFloat16, "float16"},
     {Mode::kBfloat16, "bfloat16"}}};

}  // namespace

std::string_view to_string(Mode mode) { return kNames[static_cast<std::size_t>(mode)].second; }

Mode parse_mode(std::string_view name) {
  std::string known;
  for (const auto& [mode, word] : kNames) {
    if (word == name) return mode;
    known += (known.empty() ? "" : ", ") + std::string(word);
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("unknown mode '{}', expected one of {}", name, known));
}

}  // namespace octavo
