// What a preparation pass is, and the one gate that all of them go through.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/model.h"

namespace octavo {

// A node that a pass looked at and left alone, and why: for reports, not an error.
struct Refusal {
  std::string node;
  std::string reason;
};

// Runs a small model without inputs; what fold_constants needs an executor for.
using ConstantEvaluator = std::function<std::vector<Tensor>(const Model& model)>;

struct PassContext {
  ConstantEvaluator evaluate;  // may be empty: then fold_constants does nothing
  int opset = 0;               // raise_opset raises to this; 0: leave it
  std::vector<Refusal> refusals;
};

// Matches on a const index first, then edits; edits cannot fail. Returns how many places it
// changed; a second run right after the first changes nothing.
struct Pass {
  std::string_view name;
  std::string_view help;  // one sentence
  std::size_t (*run)(onnx::ModelProto& model, PassContext& context);
};

#define OCTAVO_PASS(identifier) const Pass& identifier##_pass();
#include "prepare/pass_list.inc"
#undef OCTAVO_PASS

// In the order in which they run.
std::span<const Pass* const> all_passes();

struct PrepareOptions {
  std::vector<std::string> disabled;  // names of passes
  int opset = 0;
  ConstantEvaluator evaluate;
};

struct PassReport {
  std::string name;
  std::size_t changes = 0;
  double milliseconds = 0;
  std::vector<Refusal> refusals;
};

struct Prepared {
  Model model;
  std::vector<PassReport> passes;
};

// Runs every pass that is not disabled, each until it changes nothing, and checks the structure
// after each. Throws Error(kInvalidArgument), listing the passes, for an unknown name in
// `disabled`; Error(kUnsupported) where the opset cannot be raised.
Prepared prepare(Model model, const PrepareOptions& options);

}  // namespace octavo
