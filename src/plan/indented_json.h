// JSON for people and for tools.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace octavo {

// Two spaces a level. Names in models are any bytes: what is not UTF-8 becomes U+FFFD.
inline std::string indented(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace octavo
