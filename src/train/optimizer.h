// Stochastic gradient descent with momentum, for weights, biases and scales each in their own way.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "train/quantized_network.h"
#include "train/training_options.h"

namespace octavo {

class Optimizer {
 public:
  // The parameters' tensors are changed in place.
  Optimizer(const std::vector<Parameter>& parameters, const TrainingOptions& options);
  ~Optimizer();

  void clear_gradients();
  // The length of all gradients together, as one vector. Where it is above `longest`, they are
  // shortened to that; 0: never. Source: Pascanu et al. 2013 (arXiv 1211.5063) section 3.2.
  double clip_gradients(double longest);
  // With the rate of weights; scales move at options.scale_rate of it, or not at all.
  void step(double learning_rate, bool scales_learn);

  // What is remembered from step to step, by the parameters' names.
  std::map<std::string, at::Tensor> state() const;
  void restore(const std::map<std::string, at::Tensor>& state);

 private:
  struct Groups;
  std::unique_ptr<Groups> groups_;
};

}  // namespace octavo
