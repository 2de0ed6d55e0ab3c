// Follows channels through operators that only put them in another place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/graph.h"
#include "prepare/linear_node.h"

namespace octavo {

enum class ChannelAxis : std::uint8_t { kSecond, kLast };

// The channels of one tensor.
struct TensorChannels {
  std::vector<std::size_t> channels;  // in a ChannelSet
  ChannelAxis axis = ChannelAxis::kSecond;
  bool one_position = false;  // [N, C, 1, 1]: a reshape to [N, C] keeps them
};

// What is known of the tensors of a graph so far.
class ChannelFlow {
 public:
  explicit ChannelFlow(const Graph& graph) : graph_(graph) {}

  const TensorChannels* find(std::string_view tensor) const;
  // `tensor` is a name in the graph.
  void set(std::string_view tensor, TensorChannels channels);

  // Concat, Flatten, Reshape, ReduceMean, Squeeze, Transpose.
  static bool rearranges(const onnx::NodeProto& node);
  // The channels of such a node's output; none where they are mixed, or were not known.
  std::optional<TensorChannels> rearranged(const onnx::NodeProto& node) const;

  // Does `layer` read the channels of its input, each as one?
  bool reads_channels(const LinearNode& layer) const;

 private:
  std::optional<TensorChannels> concat(const onnx::NodeProto& node) const;
  std::optional<TensorChannels> reshape(const onnx::NodeProto& node) const;
  std::optional<TensorChannels> mean(const onnx::NodeProto& node) const;
  std::optional<TensorChannels> transpose(const onnx::NodeProto& node) const;

  const Graph& graph_;
  std::unordered_map<std::string_view, TensorChannels> tensors_;
};

// A global pool, behind which each channel has one position.
bool is_global_pool(const onnx::NodeProto& node);

// An AveragePool of the input's own values, without the zeros that it is padded with.
bool averages_plainly(const onnx::NodeProto& node);

}  // namespace octavo
