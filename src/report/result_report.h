// The quantization's outcome as a whole.
#pragma once

#include <cstdint>

#include "octavo/quantize.h"
#include "report/json_value.h"

namespace octavo {

struct FileSizes {
  std::uintmax_t float_bytes = 0;
  std::uintmax_t quantized_bytes = 0;
};

// result.json.
Json result_json(const QuantizeResult& result, const QuantizeOptions& options,
                 const FileSizes& sizes);

}  // namespace octavo
