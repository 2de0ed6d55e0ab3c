// What became of each node, as people read it.
#pragma once

#include <span>
#include <string>

#include "octavo/quantize.h"

namespace octavo::cli {

// One row an operator type: how many nodes are quantized, absorbed, float; then every node that
// stays float, with its reason.
std::string summary_table(std::span<const NodeOutcome> nodes);
std::string float_table(std::span<const NodeOutcome> nodes);
std::string full_table(std::span<const NodeOutcome> nodes);

// [{"name": ..., "op_type": ..., "decision": ..., "reason": ...}, ...]
std::string to_json(std::span<const NodeOutcome> nodes);

}  // namespace octavo::cli
