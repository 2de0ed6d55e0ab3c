// One number for each output channel of a layer and each input channel that it reads.
#pragma once

#include <cstddef>
#include <vector>

#include "prepare/linear_node.h"

namespace octavo {

class ChannelMatrix {
 public:
  // Of `layer`'s weights: `combine(so_far, weight)` over the window, beginning with `start`.
  template <typename Combine>
  ChannelMatrix(const LinearNode& layer, double start, Combine combine) : ChannelMatrix(layer) {
    values_.assign(outputs_ * inputs_per_group_, start);
    const std::vector<double> weights = weights_of(layer);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      double& entry = at(layer.output_layout.channel(i), layer.input_layout.channel(i));
      entry = combine(entry, weights[i]);
    }
  }

  std::size_t outputs() const { return outputs_; }
  std::size_t groups() const { return outputs_ / outputs_per_group_; }
  std::size_t inputs_per_group() const { return inputs_per_group_; }
  std::size_t outputs_per_group() const { return outputs_per_group_; }
  // Weights that join an output channel to an input channel.
  std::size_t window() const { return window_; }
  std::size_t group_of_output(std::size_t output) const { return output / outputs_per_group_; }
  std::size_t group_of_input(std::size_t input) const { return input / inputs_per_group_; }
  std::size_t first_input(std::size_t output) const {
    return group_of_output(output) * inputs_per_group_;
  }
  std::size_t first_output(std::size_t input) const {
    return group_of_input(input) * outputs_per_group_;
  }

  // `input` is of the output's group.
  double& at(std::size_t output, std::size_t input) {
    return values_[output * inputs_per_group_ + input % inputs_per_group_];
  }
  double at(std::size_t output, std::size_t input) const {
    return values_[output * inputs_per_group_ + input % inputs_per_group_];
  }
  // Output by output.
  std::vector<double>& values() { return values_; }
  const std::vector<double>& values() const { return values_; }

 private:
  explicit ChannelMatrix(const LinearNode& layer);
  static std::vector<double> weights_of(const LinearNode& layer);

  std::size_t outputs_;
  std::size_t window_ = 1;
  std::size_t inputs_per_group_ = 1;
  std::size_t outputs_per_group_ = 1;
  std::vector<double> values_;
};

}  // namespace octavo
