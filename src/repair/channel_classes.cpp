#include "repair/channel_classes.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "repair/channel_tracker.h"

namespace octavo {
namespace {

// Classes by the root of their channels.
std::map<std::size_t, ChannelClass> classes_by_root(const ChannelTracker& tracker) {
  std::map<std::size_t, ChannelClass> classes;
  const ChannelSet& channels = tracker.channels();
  for (const ChannelTracker::End& end : tracker.writers()) {
    if (channels.frozen(end.channel).empty()) {
      classes[channels.root(end.channel)].writers.push_back(end.at);
    }
  }
  for (const ChannelTracker::End& end : tracker.readers()) {
    if (channels.frozen(end.channel).empty()) {
      classes[channels.root(end.channel)].readers.push_back(end.at);
    }
  }
  std::erase_if(classes, [](const auto& entry) {
    return entry.second.writers.empty() || entry.second.readers.empty();
  });
  return classes;
}

std::vector<RepairNote> refusals(ChannelTracker& tracker) {
  std::vector<RepairNote> notes;
  std::set<std::size_t> told;
  for (const ChannelTracker::End& end : tracker.writers()) {
    const std::string& reason = tracker.channels().frozen(end.channel);
    if (reason.empty() || !told.insert(end.at.layer).second) continue;
    notes.push_back({tracker.layers()[end.at.layer].node->name(),
                     fmt::format("its outputs are not scaled: {}", reason)});
  }
  return notes;
}

// Nothing where none of the channels is scaled.
std::optional<ScaledTensor> scaled_tensor(const ChannelTracker& tracker, const std::string& name,
                                          const std::map<std::size_t, std::size_t>& index_of_root) {
  const TensorChannels* tracked = tracker.find(name);
  if (tracked == nullptr) return std::nullopt;
  ScaledTensor result{name, tracked->axis == ChannelAxis::kLast ? -1 : 1, {}};
  bool any = false;
  for (const std::size_t channel : tracked->channels) {
    const auto found = index_of_root.find(tracker.channels().root(channel));
    const bool is_scaled = found != index_of_root.end();
    result.classes.push_back(is_scaled ? std::optional(found->second) : std::nullopt);
    any = any || is_scaled;
  }
  return any ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace

ChannelClasses channel_classes(const Graph& graph, UpperBounds bounds) {
  ChannelTracker tracker(graph, bounds);
  tracker.run();
  const auto by_root = classes_by_root(tracker);
  ChannelClasses result;
  result.refusals = refusals(tracker);
  std::map<std::size_t, std::size_t> index_of_root;
  for (const auto& [root, entry] : by_root) {
    index_of_root.emplace(root, result.classes.size());
    result.classes.push_back(entry);
  }
  std::set<std::string_view> scaled;
  for (const onnx::NodeProto& node : graph.proto().node()) {
    for (const std::string& output : node.output()) {
      auto tensor = scaled_tensor(tracker, output, index_of_root);
      if (!tensor) continue;
      scaled.insert(output);
      result.tensors.push_back(std::move(*tensor));
    }
  }
  for (const onnx::NodeProto* clip : tracker.clips()) {
    if (scaled.contains(clip->output(0))) result.clips.push_back(clip);
  }
  result.layers = std::move(tracker.layers());
  return result;
}

const onnx::NodeProto* cut_behind(const Graph& graph, std::string_view tensor) {
  const onnx::NodeProto* next = graph.only_consumer(tensor);
  const bool cuts = next != nullptr && (next->op_type() == "Relu" || next->op_type() == "Clip");
  return cuts ? next : nullptr;
}

std::vector<const ScaledTensor*> quantized_tensors(const Graph& graph,
                                                   const ChannelClasses& channels) {
  std::vector<const ScaledTensor*> tensors;
  for (const ScaledTensor& tensor : channels.tensors) {
    if (cut_behind(graph, tensor.name) == nullptr) tensors.push_back(&tensor);
  }
  return tensors;
}

}  // namespace octavo
