// The pieces of JSON that the plans of all modes are made of.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "octavo/quantization.h"
#include "placement/placement.h"

namespace octavo {

nlohmann::ordered_json params_json(const QuantParams& params);
nlohmann::ordered_json nodes_json(const std::vector<NodePlacement>& nodes);

}  // namespace octavo
