// The graph that OpenVINO's CPU plugin executes, as it describes it itself.
#pragma once

#include <openvino/openvino.hpp>
#include <vector>

#include "octavo/executor.h"

namespace octavo {

// In the order of execution, without inputs, outputs and constants. Tensors have no names in this
// graph: an input is called after the node that makes it.
std::vector<ExecutedNode> openvino_executed_graph(const ov::CompiledModel& compiled);

}  // namespace octavo
