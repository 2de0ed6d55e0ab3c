// Which activations must keep one scale among them.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
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
  std::map<std::string, std::size_t, std::less<>> set_of_;
};

struct RepairedParams {
  ScaleZeroPoint params;
  std::string_view repair;  // what chose them, for reports: in place of the calibrator
};

// Gives the codes of `tensors` other parameters, and the biases of the layers that read them the
// scale that follows. False, and nothing changes, where a bias would not fit its codes.
bool set_activation_params(Repaired& repaired, std::span<const std::string> tensors,
                           const RepairedParams& chosen);

}  // namespace octavo
