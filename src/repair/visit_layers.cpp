#include "repair/visit_layers.h"

#include <fmt/format.h>

#include <cstddef>
#include <set>
#include <span>
#include <utility>
#include <variant>

#include "model/graph.h"
#include "repair/unfold.h"

namespace octavo {
namespace {

// Moments take rows squared: two matrices of 512 MB at this width.
constexpr std::size_t kMostRows = 8192;
// Of the moments that are measured in one run.
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

// A layer of a wave with its window.
struct Visited {
  std::string node;
  Window window;

  std::size_t bytes() const {
    return 2 * sizeof(double) * window.groups * window.rows * window.rows;
  }
};

class Visit {
 public:
  Visit(const RepairTask& task, const std::function<Model()>& current, const LayerVisitor& visit,
        BothStages& stages, std::set<std::string, std::less<>> behind)
      : task_(task),
        current_(current),
        visit_(visit),
        reference_graph_(task.reference.proto().graph()),
        stages_(stages),
        pending_(std::move(behind)) {}

  std::vector<RepairNote> run(const LayerWaves& layers) {
    for (const auto& refusal : layers.refusals) refuse(refusal.node, refusal.reason);
    for (const auto& wave : layers.waves) pending_.insert(wave.begin(), wave.end());
    for (const auto& wave : layers.waves) visit_wave(wave);
    return std::move(refusals_);
  }

 private:
  void refuse(const std::string& node, std::string reason) {
    refusals_.push_back({node, std::move(reason)});
  }

  void visit_wave(const std::vector<std::string>& wave) {
    const Model quantized = current_();
    stages_.quantized.advance(quantized, pending_);
    stages_.reference.advance(task_.reference, pending_);
    const std::vector<Visited> layers = visible(wave);
    for (const std::string& node : wave) pending_.erase(node);
    // As many at once as memory allows.
    std::size_t first = 0;
    while (first < layers.size()) {
      std::size_t last = first + 1;
      std::size_t bytes = layers[first].bytes();
      while (last < layers.size() && bytes + layers[last].bytes() <= kMostBytes) {
        bytes += layers[last++].bytes();
      }
      visit_together(quantized, std::span(layers).subspan(first, last - first));
      first = last;
    }
  }

  std::vector<Visited> visible(const std::vector<std::string>& wave) {
    std::vector<Visited> layers;
    for (const std::string& node : wave) {
      const auto found = as_linear_node(reference_graph_, *reference_graph_.node(node));
      const auto window = window_of(std::get<LinearNode>(found));
      if (!window) {
        refuse(node, "its windows cannot be taken apart");
      } else if (window->rows > kMostRows) {
        refuse(node, fmt::format("a channel has {} weights, more than {}: too much memory",
                                 window->rows, kMostRows));
      } else {
        layers.push_back({node, *window});
      }
    }
    return layers;
  }

  void visit_together(const Model& quantized, std::span<const Visited> layers) {
    const Graph quantized_graph(quantized.proto().graph());
    std::vector<MomentsOf> wanted;
    for (const Visited& layer : layers) {
      wanted.push_back({layer.window, quantized_graph.node(layer.node)->input(0),
                        reference_graph_.node(layer.node)->input(0)});
    }
    const auto moments =
        input_moments({stages_.quantized, quantized, stages_.reference, task_.reference}, wanted);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      auto reason = visit_(layers[i].node, moments[i]);
      if (reason) refuse(layers[i].node, std::move(*reason));
    }
  }

  const RepairTask& task_;
  const std::function<Model()>& current_;
  const LayerVisitor& visit_;
  const Graph reference_graph_;
  BothStages& stages_;
  std::set<std::string, std::less<>> pending_;
  std::vector<RepairNote> refusals_;
};

}  // namespace

std::vector<RepairNote> visit_layers(const RepairTask& task, const LayerWaves& layers,
                                     const std::function<Model()>& current,
                                     const LayerVisitor& visit) {
  BothStages stages(task);
  return visit_layers(task, layers, current, visit, stages, {});
}

std::vector<RepairNote> visit_layers(const RepairTask& task, const LayerWaves& layers,
                                     const std::function<Model()>& current,
                                     const LayerVisitor& visit, BothStages& stages,
                                     const std::set<std::string, std::less<>>& behind) {
  return Visit(task, current, visit, stages, behind).run(layers);
}

}  // namespace octavo
