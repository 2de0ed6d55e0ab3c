// JSON as the run folder holds it: few digits, no NaN, and text that a page may embed.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "octavo/quantization.h"

namespace octavo {

using Json = nlohmann::ordered_json;

// Rounded to so many significant digits: enough to look at, and a third of the bytes. null for NaN
// and the infinities, which JSON does not have.
inline constexpr int kShownDigits = 4;
Json json_number(double value, int digits = kShownDigits);
Json json_range(const Range& range);  // [min, max]

// Compact. Names in models are any bytes: what is not UTF-8 becomes U+FFFD.
std::string json_text(const Json& json);
// The same, for the inside of a <script> element: no "<", ">", "&", U+2028 or U+2029 as they are,
// so that no name can end the element or begin another.
std::string json_text_for_html(const Json& json);

}  // namespace octavo
