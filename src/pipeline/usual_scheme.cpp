#include "pipeline/usual_scheme.h"

#include <fmt/format.h>

namespace octavo {

UsualScheme usual_scheme(const Recipe& recipe) {
  const Recipe usual;
  UsualScheme scheme{recipe, {}};
  const auto change = [&](auto& value, const auto& as_usual, std::string text) {
    if (value == as_usual) return;
    value = as_usual;
    scheme.changes.push_back(std::move(text));
  };
  change(scheme.recipe.weight_granularity, usual.weight_granularity,
         "the target's granularity of weights");
  change(scheme.recipe.weight_symmetry, usual.weight_symmetry, "its symmetry of weights");
  change(scheme.recipe.activation_symmetry, usual.activation_symmetry,
         "its symmetry of activations");
  change(scheme.recipe.activation_calibrator, usual.activation_calibrator,
         fmt::format("calibrator {}", to_string(usual.activation_calibrator)));
  change(scheme.recipe.weight_calibrator, usual.weight_calibrator,
         fmt::format("weight calibrator {}", to_string(usual.weight_calibrator)));
  return scheme;
}

}  // namespace octavo
