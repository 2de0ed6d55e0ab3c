// Other names for tensors whose values changed, so that nobody compares them with what they were.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "onnx/onnx-ml.pb.h"

namespace octavo {

// Each of `tensors` becomes its name and `suffix`, made unique, wherever the graph has it.
void rename_tensors(onnx::GraphProto& graph, const std::vector<std::string>& tensors,
                    std::string_view suffix);

}  // namespace octavo
