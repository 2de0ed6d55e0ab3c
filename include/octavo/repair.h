// What can be done for a quantized model without training it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/export.h"
#include "octavo/mode.h"

namespace octavo {

enum class RepairData : std::uint8_t {
  kNeeded,    // it runs the model on samples
  kOptional,  // it works without; then nothing judges it
};

struct RepairInfo {
  std::string_view name;        // "equalize", ...
  std::string_view help;        // one line
  std::span<const Mode> modes;  // those that it works in
  RepairData data = RepairData::kNeeded;

  OCTAVO_API bool works_in(Mode mode) const;
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
  std::size_t held_out = 0;  // that it was judged on; 0: by nothing, there were no samples
  // Signal to quantization noise of the model's outputs on the samples held out.
  double before_db = 0;
  double after_db = 0;
  bool kept = false;  // false: it did not help, and the model is as it was
  // Operators that it put into the model: they are right to the judge, and cost time.
  std::size_t added_operators = 0;
  std::vector<RepairNote> changes;
  std::vector<RepairNote> refusals;  // what it left alone, and why
};

}  // namespace octavo
