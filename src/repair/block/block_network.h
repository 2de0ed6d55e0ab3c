// One block of a quantized network as it computes on floats: weights, activation steps and biases
// can be changed, and the error of its output comes back as their gradients.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/graph.h"
#include "octavo/tensor.h"
#include "plan/plan.h"
#include "repair/block/block_operator.h"
#include "repair/block/layer_blocks.h"
#include "repair/block/scale_ties.h"
#include "repair/repaired.h"

namespace octavo {

// A tensor from before the block, and the place where it is read.
struct BlockInput {
  std::string tensor;
  std::string node;
  int input = 0;
};

// What one sample gives: one tensor an input of the block, and the output to come near to.
struct BlockSample {
  std::vector<Tensor> quantized;  // of the quantized network
  std::vector<Tensor> exact;      // of the float network
  Tensor target;                  // of the float network
};

// What can be chosen in a block.
struct BlockValues {
  std::vector<Tensor> weights;  // by layer
  std::vector<Tensor> shifts;   // by layer, one value an output channel: added to its result
  std::vector<QuantParams> activations;  // by step
};

struct BlockGradient {
  std::vector<Tensor> weights;
  std::vector<Tensor> shifts;
  std::vector<double> log_steps;
  double squared_error = 0;  // mean over the elements of the output
};

// Where activations stay float during training, drawn anew with each seed: half of the elements.
// Source: Wei et al. 2022 (arXiv 2203.05740), QDrop.
struct ActivationDrop {
  std::uint64_t seed = 0;
};

class BlockNetwork {
 public:
  // `block` is one of layer_blocks() of `graph`, and `plan` and `ties` are of `graph`.
  BlockNetwork(const Graph& graph, const Plan& plan, const ScaleTies& ties,
               const LayerBlock& block);

  std::span<const BlockInput> inputs() const { return inputs_; }
  const LayerBlock& block() const { return block_; }

  // Activations with codes that the block makes: those that share a scale are one step.
  struct Step {
    std::vector<std::string> tensors;  // all that share it, in the block and behind it
    QuantParams params;
    bool learned = false;  // everything that has this scale is made here
  };
  std::span<const Step> steps() const { return steps_; }

  // By layer: output channels, 0 where it can have no bias.
  std::span<const std::size_t> shift_sizes() const { return shift_sizes_; }

  // Mean over the elements of the block's output.
  double squared_error(const BlockValues& values, const BlockSample& sample) const;
  // Adds the gradients of squared_error() to `sum`, which has the shapes of `values`.
  void add_gradient(const BlockValues& values, const BlockSample& sample,
                    std::optional<ActivationDrop> drop, BlockGradient& sum) const;

 private:
  friend class BlockPass;

  struct Source {
    enum class Kind : std::uint8_t {
      kAbsent,
      kConstant,
      kWeights,
      kInput,
      kNode
    } kind = Kind::kAbsent;
    std::size_t index = 0;
    bool as_codes = true;  // of a node: its result as codes, or in float
  };
  struct Node {
    std::unique_ptr<BlockOperator> op;
    std::vector<Source> sources;
    std::optional<std::size_t> layer;
    std::optional<std::size_t> step;
    bool is_product = false;  // channels come last in what it makes
  };

  void add_node(const Graph& graph, const Plan& plan, const ScaleTies& ties,
                const onnx::NodeProto& node);
  Source source_of(const Graph& graph, const Plan& plan, const onnx::NodeProto& node, int input);
  std::optional<std::size_t> step_of(const Graph& graph, const Plan& plan, const ScaleTies& ties,
                                     const std::string& tensor);

  LayerBlock block_;
  std::vector<BlockInput> inputs_;
  std::vector<Tensor> constants_;
  std::vector<Node> nodes_;
  std::vector<Step> steps_;
  std::vector<std::size_t> shift_sizes_;
  std::vector<std::string> results_;  // by node
  std::size_t output_ = 0;            // node
};

}  // namespace octavo
