// One way to write a node whose weight is stored as codes; one file a form in forms/.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "modes/model_writer.h"
#include "modes/weight_plan.h"
#include "octavo/tensor.h"

namespace octavo {

enum class BlockUse : std::uint8_t {
  kNever,    // one scale a slice
  kAllowed,  // either
  kAlways,
};

enum class ZeroPoints : std::uint8_t {
  kAny,
  kMiddle,  // the kernels take symmetric codes only
};

// An input that holds a weight, and the axes that scales may lie along.
struct WeightOperand {
  int input = 1;
  std::optional<int> slice_axis;  // one scale a slice along it; none: no such axis
  std::optional<int> block_axis;  // the one that is summed over; none: no blocks
};

struct WeightFormInfo {
  WeightForm form{};
  BlockUse blocks = BlockUse::kNever;
  ZeroPoints zero_points = ZeroPoints::kAny;
  // Opset of ONNX's own operators in it: with a scale a slice, and with blocks.
  int opset = 13;
  int block_opset = 13;
  // The weights of `node`; empty where the form does not fit its operator or its attributes, which
  // `why` then says.
  std::vector<WeightOperand> (*operands)(const onnx::NodeProto& node, const Graph& graph,
                                         std::string& why);
  // Writes the node. `weights` in the order of operands().
  void (*write)(const onnx::NodeProto& node, std::span<const PlannedWeight* const> weights,
                ModelWriter& writer);
};

const WeightFormInfo& weight_form(WeightForm form);

// The weight of a MatMul or a plain Gemm (no transposed activation, no factors) as a matrix that is
// multiplied from the right; empty, and why, for anything else.
std::vector<WeightOperand> matrix_operand(const onnx::NodeProto& node, const Graph& graph,
                                          std::string& why);

}  // namespace octavo
