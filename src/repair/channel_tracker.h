// Follows channels through a graph, from the layer that makes them to those that read them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "repair/channel_classes.h"
#include "repair/channel_flow.h"

namespace octavo {

// One number a channel; channels that are tied are made one by tie().
class ChannelSet {
 public:
  std::size_t add();
  void tie(std::size_t a, std::size_t b);
  // The channel may not be scaled. The first reason counts.
  void freeze(std::size_t channel, const std::string& reason);
  std::size_t root(std::size_t channel) const;
  // Empty: it may be scaled.
  const std::string& frozen(std::size_t channel) const { return reasons_[root(channel)]; }
  std::size_t size() const { return parents_.size(); }

 private:
  mutable std::vector<std::size_t> parents_;
  std::vector<std::string> reasons_;
};

class ChannelTracker {
 public:
  ChannelTracker(const Graph& graph, UpperBounds bounds)
      : graph_(graph), bounds_(bounds), flow_(graph) {}

  // Follows every node, in order.
  void run();

  struct End {
    std::size_t channel;
    LayerChannel at;
  };
  const ChannelSet& channels() const { return channels_; }
  std::vector<LinearNode>& layers() { return layers_; }
  const std::vector<End>& writers() const { return writers_; }
  const std::vector<End>& readers() const { return readers_; }
  const TensorChannels* find(std::string_view tensor) const { return flow_.find(tensor); }
  const std::vector<const onnx::NodeProto*>& clips() const { return clips_; }

 private:
  void follow(const onnx::NodeProto& node);
  // The channels of the node's output; none if the node cannot take scaled channels.
  std::optional<TensorChannels> pass(const onnx::NodeProto& node);
  std::optional<TensorChannels> pass_add(const onnx::NodeProto& node);
  std::optional<TensorChannels> pass_multiply(const onnx::NodeProto& node) const;
  std::optional<TensorChannels> pass_pad(const onnx::NodeProto& node) const;
  bool is_dropped_bound(const onnx::NodeProto& node) const;
  bool follow_layer(const onnx::NodeProto& node);
  void freeze(std::string_view tensor, const std::string& reason);

  const Graph& graph_;
  UpperBounds bounds_;
  ChannelSet channels_;
  ChannelFlow flow_;
  std::vector<LinearNode> layers_;
  std::vector<End> writers_;
  std::vector<End> readers_;
  std::vector<const onnx::NodeProto*> clips_;
};

}  // namespace octavo
