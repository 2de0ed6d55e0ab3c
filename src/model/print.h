// A model as short text: what golden tests compare and what a person reads in a debugger.
//
//   opset 13
//   input x: float32[N,3,8,8]
//   const w: float32[8,3,3,3] = -0.981..0.9934 #5f3ac021
//   const b: float32[4] = 1 2.5 3 -4
//   value c: float32[N,8,8,8]
//   c = Conv(x, w, b) {pads=[1,1,1,1]} "conv1"
//   y = Clip(c, _, max)
//   output y: float32[N,8,8,8]
//
// One line a statement: the operator sets, then inputs, initializers, declared inner values, nodes
// and outputs, each in the model's own order; attributes by name. `_` is an absent optional input,
// `?` a dimension without a name, `float32` without brackets a tensor of unknown rank. A name of
// other characters than letters, digits and _./- stands in double quotes, with \" and \\ escaped.
// Float attributes always carry a point or an exponent. Constants of up to kPrintedElements
// elements print in full, longer ones as fill(value) or as their range and a hash of their bytes. A
// body (If, Loop, Scan) follows its node, indented, from `begin ATTRIBUTE` to `end`. Documentation
// strings, metadata and the graph's name are left out.
#pragma once

#include <cstddef>
#include <string>

#include "octavo/model.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

inline constexpr std::size_t kPrintedElements = 8;

// Deterministic; never throws on a model that passed check_model.
std::string print_graph(const Model& model);
// One node's line, without the bodies: for error messages and reports.
std::string print_node(const onnx::NodeProto& node);

}  // namespace octavo
