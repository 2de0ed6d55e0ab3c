// Ranges of weights: the values are all there, so the same calibrators see them exactly.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "octavo/quantization.h"
#include "octavo/statistics.h"
#include "octavo/tensor.h"

namespace octavo {

// One range, or one a slice along `axis`. `weight` is float32.
std::vector<Range> weight_ranges(const Tensor& weight, std::optional<int> axis,
                                 const CalibratorSpec& calibrator, const Scheme& scheme);

// One range for every `block_size` elements along `axis`, in the order of QuantParams' entries.
std::vector<Range> block_ranges(const Tensor& weight, int axis, std::int64_t block_size,
                                const CalibratorSpec& calibrator, const Scheme& scheme);

}  // namespace octavo
