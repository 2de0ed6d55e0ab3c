// A part of a model as a model of its own.
#pragma once

#include <span>
#include <string>

#include "octavo/model.h"

namespace octavo {

// The nodes that make `outputs` out of `inputs`, with their constants. Inputs may be any tensors of
// the graph; what lies before them is left out, and a graph input that is still needed must be
// among them.
// Throws Error(kNotFound) for an output that no node makes and that is no input, and for a graph
// input that is needed and not given.
Model subgraph(const Model& model, std::span<const TensorInfo> inputs,
               std::span<const std::string> outputs);

}  // namespace octavo
