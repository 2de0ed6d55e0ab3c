#include "repair/channel_matrix.h"

#include "prepare/constants.h"

namespace octavo {

ChannelMatrix::ChannelMatrix(const LinearNode& layer) : outputs_(layer.output_channels) {
  for (std::size_t i = 2; i < layer.weights.shape().size(); ++i) {
    window_ *= static_cast<std::size_t>(layer.weights.shape()[i]);
  }
  inputs_per_group_ = layer.weights.size() / window_ / outputs_;
  outputs_per_group_ = outputs_ * inputs_per_group_ / layer.input_channels;
}

std::vector<double> ChannelMatrix::weights_of(const LinearNode& layer) {
  return to_doubles(layer.weights);
}

}  // namespace octavo
