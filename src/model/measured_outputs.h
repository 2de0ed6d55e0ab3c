// Where the outputs of two models of the same nodes are compared.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/graph.h"

namespace octavo {

struct MeasuredOutput {
  std::string tensor;
  // The Softmax, LogSoftmax or Sigmoid that makes it: behind one, sure answers hide their noise.
  std::string squashed_by;  // empty: none does
};

// Every output that is a tensor: sequences and maps have no signal to noise.
std::vector<MeasuredOutput> measured_outputs(const Graph& graph);

// The tensors of `graph`, whose nodes have the same names, that stand for `outputs`: of a squashed
// one, what its node reads.
std::vector<std::string> measured_tensors(const Graph& graph,
                                          std::span<const MeasuredOutput> outputs);

}  // namespace octavo
