// Operators that make one number of one number, as functions.
#pragma once

#include <functional>

#include "model/graph.h"

namespace octavo {

// Empty for any other operator, and where a bound or a slope is not constant.
std::function<double(double)> elementwise_function(const onnx::NodeProto& node, const Graph& graph);

}  // namespace octavo
