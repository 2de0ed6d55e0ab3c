// From the network as it was exported to the network as it is quantized: batch normalization
// folded, constants computed, nodes named. The outputs stay what they were, to float rounding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/model.h"
#include "octavo/tensor.h"

namespace octavo {

class Executor;

// The outputs of a model that has no inputs.
using ConstantEvaluator = std::function<std::vector<Tensor>(const Model& model)>;
// Runs every node as it is written. `executor` must outlive the result.
ConstantEvaluator make_constant_evaluator(const Executor& executor);

struct PrepareOptions {
  std::vector<std::string> disabled;  // names of passes
  // Older models are raised to this version of the ONNX operator set, newer ones stay; 0 raises
  // none. 13 is the first where QuantizeLinear takes an axis, 21 the first with 4-bit and blocked
  // quantization.
  int opset = 0;
  ConstantEvaluator evaluate;  // empty: only what needs no computation becomes constant
  // A constant subgraph of a larger result stays, unless the result is no larger than what it is
  // made of.
  std::size_t max_constant_bytes = std::size_t{1} << 20;
};

// What happened to one node, or why it did not.
struct PassNote {
  std::string node;
  std::string text;
  bool operator==(const PassNote&) const = default;
};

struct PassReport {
  std::string pass;
  std::vector<PassNote> changes;
  std::vector<PassNote> refusals;  // matches that stayed as they were, each with its reason
  double microseconds = 0;
};

struct PreparedModel {
  Model model;
  std::vector<PassReport> passes;  // every enabled pass, in the order of preparation_passes()
};

// Runs the passes in order, again until none finds anything: a second call changes nothing. Checks
// the structure after each. Inputs and outputs keep their names, types and shapes; surviving nodes
// keep their names; bodies of If, Loop and Scan are preserved. Throws Error: kInvalidArgument for
// an unknown pass or an opset other than 0 and 13..21; kUnsupported, naming the node, for an
// operator that has no form in that opset; what check_model throws for a broken model.
PreparedModel prepare(Model model, const PrepareOptions& options);

// What a pass leaves as it was.
enum class PassEffect : std::uint8_t {
  kForm,        // the arithmetic: each tensor that is still there holds what it held
  kArithmetic,  // the outputs alone
};

struct PassInfo {
  std::string_view name;
  std::string_view help;  // one line
  PassEffect effect;
};
std::span<const PassInfo> preparation_passes();

}  // namespace octavo
