// Which activations must keep one scale among them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/graph.h"
#include "plan/plan.h"
#include "repair/repaired.h"

namespace octavo {

// Tensors with codes, in sets: both ends of a node that only moves values, and the inputs and the
// result of a Concat that have one scale already.
class ScaleTies {
 public:
  ScaleTies(const Graph& graph, const Plan& plan);

  // All that share the scale of `tensor`, itself among them; in the order of the plan.
  const std::vector<std::string>& tied_to(std::string_view tensor) const {
    return sets_[set_of_.find(tensor)->second];
  }

 private:
  std::vector<std::vector<std::string>> sets_;
  std::unordered_map<std::string_view, std::size_t> set_of_;
};

// Gives `tensors` another scale, and the biases of the layers that read them the scale that
// follows. False, and nothing changes, where a bias would not fit its codes.
bool set_activation_scale(Repaired& repaired, std::span<const std::string> tensors, float scale);

}  // namespace octavo
