// What another machine's kernels would make of a quantized model, found out on this one.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/export.h"
#include "octavo/model.h"

namespace octavo {

// A layer that runs on integers: Conv, Gemm or MatMul with a constant weight.
struct SimulatedLayer {
  std::string node;
  std::string op_type;
  std::string kernel;               // "int16 pairs", or why this one adds exactly
  std::size_t pairs = 0;            // additions in 16 bits, over all samples
  std::size_t saturated_pairs = 0;  // of these
  std::size_t sums = 0;             // results
  std::size_t damaged_sums = 0;     // results with a saturated pair in them
  // Of the layer's result as that kernel gives it against the exact one, both with the inputs that
  // the layer has here; infinite: they are the same.
  double sqnr_db = 0;
};

struct SimulationReport {
  std::string target;
  std::string accumulation;  // of its kernels: "int32" or "int16_pairs"
  std::size_t samples = 0;
  std::string runtime;                      // that made the layers' inputs: "onnxruntime 1.31.1"
  std::vector<SimulatedLayer> layers = {};  // in graph order
};

struct SimulationOptions {
  std::string target;       // a shipped profile's name, or a profile file's path
  std::size_t samples = 8;  // the first ones
  int threads = 1;
  std::function<void(std::size_t done, std::size_t total)> progress;  // samples; may be empty
};

// Runs `quantized`, a Q/DQ model, as it is written, and computes each integer layer once more as
// the target's kernels would: what its profile says of `accumulation`. A layer's own damage is
// found, not what the layers behind make of it. Throws Error(kInvalidArgument) for an unknown
// target or if the model has no integer layer; Error(kInvalidData) without samples.
OCTAVO_API SimulationReport simulate_kernels(const Model& quantized, const Dataset& data,
                                             const SimulationOptions& options);

OCTAVO_API std::string to_json(const SimulationReport& report);

}  // namespace octavo
