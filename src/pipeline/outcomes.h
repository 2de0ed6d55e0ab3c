// What users read of a decision.
#pragma once

#include <string>
#include <vector>

#include "octavo/quantize.h"
#include "placement/placement.h"

namespace octavo {

inline std::vector<NodeOutcome> outcomes(const std::vector<NodePlacement>& nodes) {
  std::vector<NodeOutcome> result;
  for (const NodePlacement& node : nodes) {
    result.push_back(
        {node.node, node.op_type, std::string(to_string(node.decision)), node.reason, node.rules});
  }
  return result;
}

}  // namespace octavo
