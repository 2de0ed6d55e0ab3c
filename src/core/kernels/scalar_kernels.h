// The kernels written down as the contract states them, one element at a time: what the SIMD
// kernels are tested against, and what serves the types that have none.
#pragma once

#include <cstddef>
#include <span>

#include "core/kernels/run_params.h"
#include "octavo/quantization.h"

namespace octavo::scalar {

template <typename Code>
void quantize(std::span<const float> values, const RunParams& params, CodeRange range,
              std::span<Code> codes) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    codes[i] = static_cast<Code>(octavo::quantize(values[i], params.at(i), range));
  }
}

template <typename Code>
void dequantize(std::span<const Code> codes, const RunParams& params, std::span<float> values) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    values[i] = octavo::dequantize(codes[i], params.at(i));
  }
}

inline void fake_quantize(std::span<const float> values, const RunParams& params, CodeRange range,
                          std::span<float> results) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    results[i] = octavo::dequantize(octavo::quantize(values[i], params.at(i), range), params.at(i));
  }
}

}  // namespace octavo::scalar
