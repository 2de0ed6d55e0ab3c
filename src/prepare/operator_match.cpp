#include "prepare/operator_match.h"

#include <algorithm>
#include <string>

#include "model/graph.h"

namespace octavo {

bool has_operands(const onnx::NodeProto& node, int inputs) {
  if (!in_default_domain(node) || node.output_size() == 0 || node.output(0).empty()) return false;
  return node.input_size() >= inputs &&
         std::none_of(node.input().begin(), node.input().begin() + inputs,
                      [](const std::string& input) { return input.empty(); });
}

bool is_operator(const onnx::NodeProto& node, std::string_view op_type, int inputs) {
  return node.op_type() == op_type && node.output_size() == 1 && has_operands(node, inputs);
}

}  // namespace octavo
