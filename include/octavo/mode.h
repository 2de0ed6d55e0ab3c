// What quantizing a model means: which of its numbers get another type, and when.
#pragma once

#include <cstdint>
#include <string_view>

#include "octavo/export.h"

namespace octavo {

enum class Mode : std::uint8_t {
  kStatic,      // weights and activations as codes, ranges from calibration data: Q/DQ
  kDynamic,     // weights as codes, the range of every activation found while the model runs
  kWeightOnly,  // weights as codes, activations in float
  kFloat16,     // weights and activations in half precision, float32 where that does not hold them
  kBfloat16,
};

// "static", "dynamic", "weight-only", "float16", "bfloat16".
OCTAVO_API std::string_view to_string(Mode mode);
// Throws Error(kInvalidArgument), naming the known ones, for an unknown name.
OCTAVO_API Mode parse_mode(std::string_view name);

}  // namespace octavo
