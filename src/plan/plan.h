// The whole decision, with numbers: what rewrite() needs and what reports show. A plain value.
#pragma once

#include <string>
#include <vector>

#include "octavo/quantization.h"
#include "octavo/recipe.h"
#include "octavo/statistics.h"
#include "placement/placement.h"

namespace octavo {

struct PlannedActivation {
  std::string tensor;
  QuantParams params;
  FloatForm float_form = FloatForm::kNone;
  Range range;  // as calibrated, before the zero point moved it, or as a repair left it
  // What chose the range; its name is "fixed" for a known one, or a repair's.
  CalibratorSpec calibrator;
};

struct PlannedConstant {
  std::string tensor;
  std::string node;
  int input = 0;
  QuantParams params;
};

struct PlannedBias {
  std::string tensor;
  std::string node;
  int input = 0;
  QuantParams params;     // int32, zero point 0
  double widened_by = 1;  // factor on the weight's scale that kept the bias within int32
};

// A node in float that reads codes through a DequantizeLinear of one scale a channel, all of them
// equal: the target would put it, or the layer behind it, on integers otherwise.
struct FloatGuard {
  std::string tensor;  // that carries the codes
  std::string node;
  QuantParams params;  // of the node's first input
};

struct Plan {
  int opset = 0;
  BiasForm bias_form = BiasForm::kInt32;  // of all biases
  std::vector<NodePlacement> nodes;
  std::vector<PlannedActivation> activations;
  std::vector<PlannedConstant> constants;
  std::vector<PlannedBias> biases;
  std::vector<FloatGuard> guards;
};

// Of a tensor that carries codes; null for any other.
const PlannedActivation* planned_activation(const Plan& plan, std::string_view tensor);

// Turns a placement into numbers. `statistics` must hold every tensor of observed_tensors().
Plan make_plan(const Graph& graph, const Placement& placement, const Statistics& statistics,
               const Profile& profile, const Recipe& recipe);

// Names, decisions and numbers as indented JSON, for the replay file and for tools.
std::string to_json(const Plan& plan);

}  // namespace octavo
