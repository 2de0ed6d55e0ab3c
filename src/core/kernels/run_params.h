// What a kernel works on: a run of elements that lie side by side in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "octavo/quantization.h"

namespace octavo {

// One entry for the whole run, or one an element; as many zero points as scales.
struct RunParams {
  std::span<const float> scale;
  std::span<const std::int32_t> zero_point;

  bool one_for_all() const { return scale.size() == 1; }

  ScaleZeroPoint at(std::size_t index) const {
    const std::size_t entry = one_for_all() ? 0 : index;
    return {scale[entry], zero_point[entry]};
  }

  RunParams part(std::size_t first, std::size_t count) const {
    if (one_for_all()) return *this;
    return {scale.subspan(first, count), zero_point.subspan(first, count)};
  }
};

}  // namespace octavo
