// Small networks that hold what the passes, the placement and the rewrite look for.
#pragma once

#include <string>
#include <vector>

namespace octavo::fuzz {

// Serialized ModelProtos.
std::vector<std::string> model_seeds();

}  // namespace octavo::fuzz
