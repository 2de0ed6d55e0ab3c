// The layers that a planned model quantizes, the most sensitive first, and what the model would be
// with some of them in float.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/analysis.h"
#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "pipeline/coverage.h"

namespace octavo {

class RankedLayers {
 public:
  // `task` and `first` outlive it.
  RankedLayers(const CoverageTask& task, const PlannedModel& first) : task_(task), first_(first) {}

  // Measures how much each layer hurts, on inputs of `data`. No labels are needed.
  void rank(const Dataset& data, const Executor& executor);

  // The order that `other` found, without running anything: of the same prepared model.
  void rank_as(const RankedLayers& other);

  // 0 before rank().
  std::size_t size() const { return layers_.size(); }
  const std::string& node(std::size_t layer) const { return layers_[layer].node; }

  // The first model with these layers in float too, and the same statistics. `why` comes before the
  // layer's figure in the reason that reports show.
  PlannedModel with_float(std::span<const std::size_t> layers, std::string_view why) const;

 private:
  const CoverageTask& task_;
  const PlannedModel& first_;
  std::vector<LayerSensitivity> layers_;
};

// Layers with weights that `plan` quantizes.
std::size_t quantized_layers(const Plan& plan);

}  // namespace octavo
