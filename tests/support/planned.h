// A graph's text quantized without a runtime: every observed tensor is said to hold the same
// values.
#pragma once

#include <string_view>
#include <vector>

#include "calibration/tensor_statistics.h"
#include "model/graph.h"
#include "octavo/recipe.h"
#include "placement/placement.h"
#include "plan/apply_recipe.h"
#include "plan/plan.h"

namespace octavo::testing {

struct Planned {
  Placement placement;
  Plan plan;
};

inline Planned make_planned(const Model& model, const std::vector<float>& values,
                            const Recipe& recipe = {},
                            std::string_view target = "onnxruntime-x86") {
  const Graph graph(model.proto().graph());
  const Profile profile = apply_recipe(load_profile(target), recipe);
  Planned planned;
  planned.placement = place(graph, profile, placement_options(graph, recipe));
  Statistics statistics;
  for (const std::string& tensor : planned.placement.observed_tensors()) {
    statistics.tensors()[tensor].observe(0, values);
  }
  planned.plan = make_plan(graph, planned.placement, statistics, profile, recipe);
  return planned;
}

}  // namespace octavo::testing
