// The quantized model taken apart at the tensors that both models have.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/graph.h"
#include "octavo/model.h"
#include "search/comparison/tensor_pairs.h"

namespace octavo {

// What lies between one pair's tensor and those before it.
struct Segment {
  std::vector<const onnx::NodeProto*> nodes;  // the last first
  std::vector<std::size_t> inputs;            // pairs, in the order of their use
};

// From any name that stands for a pair's tensor to the pair.
class PairNames {
 public:
  explicit PairNames(std::span<const TensorPair> pairs);
  // Nothing for a tensor of no pair.
  std::optional<std::size_t> find(std::string_view tensor) const;

 private:
  std::unordered_map<std::string, std::size_t> pairs_;
};

Segment segment_of(const Graph& quantized, std::span<const TensorPair> pairs,
                   const PairNames& names, std::size_t pair);

// The quantized model in which no segment hears of the others' errors: whatever reads a pair's
// tensor reads a further graph input instead, to be fed with the float model's. The further inputs
// come behind the model's own, one a pair, in the order of the pairs; `ranks` are theirs.
//
//   before   x -> Q -> DQ -> x' -> Conv -> c -> Q -> DQ -> c' -> MatMul -> y
//   after    x -> Q -> DQ -> x'    fed.0 -> Conv -> c -> Q -> DQ -> c'    fed.1 -> MatMul -> y
Model cut_apart(const Model& quantized, std::span<const TensorPair> pairs,
                std::span<const std::size_t> ranks);

}  // namespace octavo
