// What a layer's own weights, biases and quantizers say, before anything runs.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "octavo/comparison.h"
#include "search/comparison/segments.h"

namespace octavo {

struct ComparedGraphs {
  const Graph& exact;  // the float model's
  const Graph& quantized;
  std::span<const TensorPair> pairs;
  const PairNames& names;
};

// Name and type (the float model's), inputs, readers, weight and bias; nothing measured.
LayerComparison layer_facts(const ComparedGraphs& graphs, std::size_t pair);

// The axis that a layer's result has its channels on.
std::size_t channel_axis(const LayerComparison& layer, std::size_t rank);

}  // namespace octavo
