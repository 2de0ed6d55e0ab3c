// A quantized ONNX graph that learns: the Q/DQ stay where they are, their numbers and the weights
// change. What it computes is what the graph computes once deployed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "octavo/model.h"
#include "train/network.h"
#include "train/quantizers.h"
#include "train/training_task.h"

namespace octavo {

enum class ParameterKind { kWeight, kBias, kScale };

struct Parameter {
  std::string name;  // unique
  ParameterKind kind = ParameterKind::kWeight;
  at::Tensor value;  // changed in place
};

// What a training starts from.
struct QuantizedStart {
  const Model& quantized;
  const Model& float_model;  // weights that it has under the same node start there
  const TrainingTask& task;
  at::Device device = at::kCPU;
};

class QuantizedNetwork {
 public:
  // Throws Error as Network does, and Error(kInvalidArgument) for a graph without weights.
  QuantizedNetwork(const QuantizedStart& start, const std::vector<std::string>& outputs);

  Values run(const Values& inputs) const { return network_->run(inputs); }
  const std::vector<Parameter>& parameters() const { return parameters_; }

  // After each change of the parameters: scales stay positive, biases within int32.
  void settle() const;
  // Mean of |log2(scale / its start)| over the scales.
  double step_drift() const;
  // The graph with the numbers as they are now.
  Model trained() const;

 private:
  class Builder;

  Model quantized_;
  std::vector<ActivationQuantizer> activations_;
  std::vector<WeightQuantizer> weights_;
  std::vector<BiasQuantizer> biases_;
  std::vector<std::pair<std::string, at::Tensor>> floats_;  // initializers trained as they are
  std::vector<Parameter> parameters_;
  std::vector<at::Tensor> first_scales_;  // of the parameters that are scales, in their order
  std::unique_ptr<Network> network_;
};

}  // namespace octavo
