// What can be done for a quantized model without training it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/export.h"
#include "octavo/mode.h"

namespace octavo {

struct RepairInfo {
  std::string_view name;      // "equalize", ...
  std::string_view help;      // one line
  Mode mode = Mode::kStatic;  // the one that it works in
};

// In the order in which they are applied, whatever the order that they are asked for in.
OCTAVO_API std::span<const RepairInfo> repairs();

// One line of what a repair did.
struct RepairNote {
  std::string node;
  std::string text;
  bool operator==(const RepairNote&) const = default;
};

// What one repair did, judged on samples that it had no part in.
struct RepairOutcome {
  std::string name;
  std::size_t samples = 0;   // that it worked with
  std::size_t held_out = 0;  // that it was judged on
  // Signal to quantization noise of the model's outputs on the samples held out.
  double before_db = 0;
  double after_db = 0;
  bool kept = false;  // false: it did not help, and the model is as it was
  std::vector<RepairNote> changes;
  std::vector<RepairNote> refusals;  // what it left alone, and why
};

}  // namespace octavo
