// Ways to quantize that guides know by name: whole recipes, so that one sweep can compare them.
#pragma once

#include <span>
#include <string_view>

#include "octavo/export.h"
#include "octavo/quantize.h"

namespace octavo {

struct Regime {
  std::string_view name;
  std::string_view help;
  void (*apply)(QuantizeOptions& options) = nullptr;  // rules go in front of those that are there
};

// "hybrid", "naive", "selective".
OCTAVO_API std::span<const Regime> regimes();
// Throws Error(kInvalidArgument), naming the known ones, for an unknown name.
OCTAVO_API const Regime& find_regime(std::string_view name);

}  // namespace octavo
