// What the user asks of a quantization, over and above the target's profile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "octavo/mode.h"
#include "octavo/quantization.h"
#include "octavo/statistics.h"

namespace octavo {

struct Recipe {
  Mode mode = Mode::kStatic;
  // Best signal-to-noise of the fixed choices on most models measured: docs/decisions/0003.
  CalibratorSpec activation_calibrator{"mse", {}};
  CalibratorSpec weight_calibrator{"max", {}};
  // Nothing: as the profile says.
  std::optional<Symmetry> activation_symmetry;
  std::optional<Symmetry> weight_symmetry;
  std::optional<DType> activation_dtype;
  std::optional<DType> weight_dtype;
  std::optional<Granularity> weight_granularity;
  // Elements of a weight that share a scale, where the mode and the type have blocks.
  std::optional<std::int64_t> block_size;
  // Nodes that stay float: by exact name or by regular expression over the whole name, and by type.
  std::vector<std::string> exclude_nodes;
  std::vector<std::string> exclude_op_types;
};

}  // namespace octavo
