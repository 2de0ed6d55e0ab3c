// The kernels with the widest vectors that the processor has, bit for bit equal to the scalar ones.
#pragma once

#include <cstdint>
#include <span>

#include "core/kernels/run_params.h"
#include "octavo/quantization.h"

namespace octavo::simd {

#define OCTAVO_SIMD_CODE(name)                                                           \
  void quantize(std::span<const float> values, const RunParams& params, CodeRange range, \
                std::span<std::name##_t> codes);                                         \
  void dequantize(std::span<const std::name##_t> codes, const RunParams& params,         \
                  std::span<float> values);
#include "core/kernels/simd_code_list.inc"
#undef OCTAVO_SIMD_CODE

// `range` must lie within 16 bits.
void fake_quantize(std::span<const float> values, const RunParams& params, CodeRange range,
                   std::span<float> results);

}  // namespace octavo::simd
