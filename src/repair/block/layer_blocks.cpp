#include "repair/block/layer_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "model/attributes.h"
#include "repair/block/block_operator.h"

namespace octavo {
namespace {

// Layers in a row that make one block: an inverted residual has three.
constexpr std::size_t kMostInARow = 3;
// Of a part that branches: beyond it, what few samples say is learned by heart.
constexpr std::size_t kMostInABranch = 24;

using Names = std::set<std::string, std::less<>>;

// What lies between two tensors that everything passes through.
struct Segment {
  std::vector<const onnx::NodeProto*> nodes;
  std::size_t layers = 0;
  std::string output;
};

class Segmenter {
 public:
  Segmenter(const Graph& graph, const Names& layers) : graph_(graph), layers_(layers) {
    for (const auto& input : graph.proto().input()) {
      if (!graph.is_initializer(input.name())) varying_.insert(input.name());
    }
    for (const onnx::NodeProto& node : graph.proto().node()) {
      if (!varies(node)) continue;
      for (const std::string& output : node.output()) varying_.insert(output);
      for (const std::string_view name : names_read(node)) ++reads_[name];
    }
    for (const auto& output : graph.proto().output()) ++reads_[output.name()];
    for (const auto& input : graph.proto().input()) make_live(input.name());
  }

  std::vector<Segment> run() {
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      if (!varies(node)) continue;
      current_.nodes.push_back(&node);
      current_.layers += layers_.contains(node.name()) ? 1 : 0;
      for (const std::string_view name : names_read(node)) {
        if (--reads_[name] == 0) live_.erase(name);
      }
      for (const std::string& output : node.output()) make_live(output);
      if (live_.size() == 1) close(std::string(*live_.begin()));
    }
    // What ends in several outputs has no tensor to compare.
    if (!current_.nodes.empty()) close("");
    return std::move(segments_);
  }

 private:
  bool varies(const onnx::NodeProto& node) const {
    const auto names = names_read(node);
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return varying_.contains(name); });
  }

  void make_live(std::string_view name) {
    if (varying_.contains(name) && reads_[name] > 0) live_.insert(name);
  }

  void close(std::string output) {
    current_.output = std::move(output);
    segments_.push_back(std::exchange(current_, {}));
  }

  const Graph& graph_;
  const Names& layers_;
  std::unordered_set<std::string_view> varying_;  // differ from sample to sample
  std::map<std::string_view, std::size_t> reads_;
  std::set<std::string_view> live_;
  Segment current_;
  std::vector<Segment> segments_;
};

class Joiner {
 public:
  Joiner(const Graph& graph, const Names& layers) : graph_(graph), layers_(layers) {}

  std::vector<LayerBlock> run(const std::vector<Segment>& segments) {
    for (const Segment& segment : segments) add(segment);
    close();
    return std::move(result_);
  }

 private:
  void add(const Segment& segment) {
    const bool joins = !block_.layers.empty() && fits(segment) && try_add(segment).empty();
    if (joins) return;
    close();
    if (segment.layers == 0) return;
    std::string reason = too_much(segment);
    if (reason.empty()) reason = try_add(segment);
    if (reason.empty()) return;
    LayerBlock refused{{}, {}, "", reason};
    for (const onnx::NodeProto* node : segment.nodes) {
      if (layers_.contains(node->name())) refused.layers.push_back(node->name());
    }
    result_.push_back(std::move(refused));
  }

  static std::string too_much(const Segment& segment) {
    if (segment.output.empty()) return "no one tensor carries all that comes of it";
    if (segment.layers <= kMostInABranch) return "";
    return fmt::format(
        "{} layers lie between two tensors that everything passes through, more "
        "than {}",
        segment.layers, kMostInABranch);
  }

  bool fits(const Segment& segment) const {
    if (segment.output.empty()) return false;
    if (segment.layers > 0) return block_.layers.size() + segment.layers <= kMostInARow;
    return std::all_of(segment.nodes.begin(), segment.nodes.end(),
                       [](const auto* node) { return is_elementwise(node->op_type()); });
  }

  // Returns what stands in the way; then nothing is added.
  std::string try_add(const Segment& segment) {
    LayerBlock block = block_;
    std::unordered_set<std::string_view> open = open_;  // tensors that depend on the block's layers
    for (const onnx::NodeProto* node : segment.nodes) {
      const bool is_layer = layers_.contains(node->name());
      const auto names = names_read(*node);
      const bool depends = std::any_of(names.begin(), names.end(),
                                       [&](std::string_view name) { return open.contains(name); });
      if (!is_layer && !depends) continue;
      if (make_block_operator(graph_, *node) == nullptr) {
        return fmt::format("{} is in its block and has no derivative here", describe(*node));
      }
      block.nodes.push_back(node->name());
      if (is_layer) block.layers.push_back(node->name());
      open.insert(node->output(0));
    }
    block.output = segment.output;
    if (!open.contains(block.output)) return "its block's output does not depend on it";
    block_ = std::move(block);
    open_ = std::move(open);
    return "";
  }

  void close() {
    if (!block_.layers.empty()) result_.push_back(std::exchange(block_, {}));
    open_.clear();
  }

  const Graph& graph_;
  const Names& layers_;
  LayerBlock block_;
  std::unordered_set<std::string_view> open_;
  std::vector<LayerBlock> result_;
};

}  // namespace

std::vector<LayerBlock> layer_blocks(const Graph& graph, const Names& layers) {
  return Joiner(graph, layers).run(Segmenter(graph, layers).run());
}

}  // namespace octavo
