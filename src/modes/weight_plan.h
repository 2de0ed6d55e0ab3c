// The modes that store weights as codes and need no calibration: what is chosen, with its numbers.
// Plain values, made by select_weights() and plan_weights(), carried out by write_weights().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "octavo/mode.h"
#include "octavo/quantization.h"
#include "octavo/statistics.h"
#include "placement/mode_rules.h"
#include "placement/placement.h"

namespace octavo {

// A weight that will be codes, before its values are looked at.
struct SelectedWeight {
  std::string tensor;
  std::string node;
  int input = 0;
  WeightForm form{};
  Scheme scheme;
  std::optional<int> axis;  // as in QuantParams
  std::int64_t block_size = 0;
  CalibratorSpec calibrator = {};
};

struct WeightSelection {
  std::vector<NodePlacement> nodes;  // every node, in graph order
  std::vector<SelectedWeight> weights;
};

struct PlannedWeight {
  std::string tensor;
  std::string node;
  int input = 0;
  WeightForm form{};
  QuantParams params;
};

struct WeightPlan {
  Mode mode = Mode::kWeightOnly;
  CalibratorSpec calibrator;
  std::vector<NodePlacement> nodes;
  std::vector<PlannedWeight> weights;
};

std::string to_json(const WeightPlan& plan);

}  // namespace octavo
