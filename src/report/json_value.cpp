#include "report/json_value.h"

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace octavo {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kEscapes = {{
    {"<", "\\u003c"},
    {">", "\\u003e"},
    {"&", "\\u0026"},
    {"\xE2\x80\xA8", "\\u2028"},
    {"\xE2\x80\xA9", "\\u2029"},
}};

}  // namespace

Json json_number(double value, int digits) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0) return 0;
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
  const int decimals = digits - 1 - exponent;
  // Beyond what a power of ten can scale exactly, the value stays as it is.
  if (std::abs(decimals) > 22) return value;
  const double factor = std::pow(10.0, std::abs(decimals));
  const double rounded =
      decimals >= 0 ? std::round(value * factor) / factor : std::round(value / factor) * factor;
  const auto whole = static_cast<std::int64_t>(rounded);
  constexpr double kExactlyWhole = 1e15;
  if (std::abs(rounded) < kExactlyWhole && static_cast<double>(whole) == rounded) return whole;
  return rounded;
}

Json json_range(const Range& range) {
  return Json::array({json_number(range.min), json_number(range.max)});
}

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_text_for_html(const Json& json) {
  const std::string text = json_text(json);
  std::string safe;
  safe.reserve(text.size() + text.size() / 16);
  for (std::size_t i = 0; i < text.size();) {
    bool escaped = false;
    for (const auto& [plain, escape] : kEscapes) {
      if (text.compare(i, plain.size(), plain) != 0) continue;
      safe += escape;
      i += plain.size();
      escaped = true;
      break;
    }
    if (!escaped) safe += text[i++];
  }
  return safe;
}

}  // namespace octavo
