// Tensors whose channels can be divided by factors that the layers behind them take up.
//
//   before: x = LayerNormalization(h) * g + b,   y = W x
//   after:  x' = LayerNormalization(h) * g/s + b/s,   y = (W diag(s)) x'
//
// The factors come from constants before the tensor (a normalization's scale and shift, a
// multiplication by a constant a channel, a matrix product's output channels), or, where there is
// nothing to fold them into, from a Mul of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/graph.h"
#include "octavo/model.h"

namespace octavo {

enum class ScaleSource : std::uint8_t {
  kConstants,  // folded: costs nothing when the model runs
  kMultiply,   // a Mul before the layers
};

struct ScalableInput {
  std::string tensor;                // its channels are its last dimension
  std::vector<std::string> readers;  // Gemm and MatMul with weights of their own, in graph order
  std::size_t channels = 0;
  ScaleSource source = ScaleSource::kConstants;
  std::string obstacle;  // why it is kMultiply; empty: it is not
};

// In graph order, one entry a tensor.
std::vector<ScalableInput> scalable_inputs(const Graph& graph);

// Divides by `factors` (one a channel, positive). Tensors whose values change get another name,
// ending in "_scaled". Returns the names of the layers whose weights changed; none, and nothing
// changes, where a value would leave float's range.
std::vector<std::string> divide_input(Model& model, const ScalableInput& input,
                                      const std::vector<double>& factors);

}  // namespace octavo
