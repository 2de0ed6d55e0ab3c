// What ONNX Runtime writes about a run: its profile (JSON) and its optimized graph (ONNX).
#pragma once

#include <filesystem>
#include <vector>

#include "octavo/executor.h"

namespace octavo {

// The kernel time of each node, the mean of the middle half of its calls, in the order of first
// execution. Throws Error(kRuntime) if the file is not what ONNX Runtime writes.
std::vector<NodeTime> read_profile(const std::filesystem::path& path);

std::vector<ExecutedNode> read_executed_graph(const std::filesystem::path& path);

}  // namespace octavo
