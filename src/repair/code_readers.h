// Who reads a tensor's codes, and who its float values.
#pragma once

#include <string>
#include <string_view>

#include "onnx/onnx-ml.pb.h"
#include "plan/plan.h"

namespace octavo {

// Null for a node that the plan does not have.
const NodePlacement* placement_of(const Plan& plan, std::string_view node);

// As the rewrite decides it: does `node` read `tensor` as codes, if there are any?
bool reads_codes(const Plan& plan, const onnx::NodeProto& node, std::string_view tensor);

}  // namespace octavo
