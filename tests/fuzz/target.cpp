#include "fuzz/target.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace octavo::fuzz {

std::span<const Target* const> all_targets() {
  static const std::array<const Target*, 12> kTargets = {
      &image_target(),      &labels_target(),     &model_target(),       &npy_target(),
      &npz_target(),        &profile_target(),    &quantize_target(),    &recipe_target(),
      &run_folder_target(), &statistics_target(), &sweep_cache_target(), &test_data_target()};
  return kTargets;
}

const Target& find_target(std::string_view name) {
  const auto targets = all_targets();
  const auto found = std::find_if(targets.begin(), targets.end(),
                                  [&](const Target* target) { return target->name == name; });
  if (found == targets.end()) {
    throw std::invalid_argument("there is no fuzz target '" + std::string(name) + "'");
  }
  return **found;
}

}  // namespace octavo::fuzz
