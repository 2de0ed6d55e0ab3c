// The modes float16 and bfloat16: which nodes compute in half precision, and which stay islands of
// float32. Plain values, made by select_half(), carried out by write_half().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "octavo/mode.h"
#include "octavo/model.h"
#include "octavo/recipe.h"
#include "octavo/statistics.h"
#include "placement/placement.h"
#include "placement/profile.h"

namespace octavo {

struct HalfPlan {
  Mode mode = Mode::kFloat16;
  DType dtype = DType::kFloat16;
  std::vector<NodePlacement> nodes;  // kQuantized: in half precision
  // The float32 tensors that half-precision nodes read and make, sorted.
  std::vector<std::string> tensors;
};

std::string to_json(const HalfPlan& plan);

// The float32 tensors that the nodes of `graph` make or are fed: what calibration must observe for
// select_half() to know of overflows.
std::vector<std::string> float_tensors(const Graph& graph);

// A node stays float32 if the recipe says so, the target has no kernel, a constant of it does not
// fit the type (too large, or a single number that would become 0), or `statistics` saw a value in
// what it reads or makes that does not fit. `statistics` may be null: then only constants count.
// Throws Error(kUnsupported) for a mode that the target does not have.
HalfPlan select_half(const Graph& graph, const Profile& profile, const Recipe& recipe,
                     const Statistics* statistics);

//   before              after
//   y = Relu(x)         x_float16 = Cast(x)
//                       y_float16 = Relu(x_float16)
//                       y = Cast(y_float16)             where anything still reads y as float32
//
// Inputs and outputs of the model stay float32; constants are stored in half precision.
Model write_half(const Model& model, const HalfPlan& plan);

}  // namespace octavo
