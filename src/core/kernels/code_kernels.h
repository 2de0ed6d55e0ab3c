// The kernels of each type that can hold codes.
#pragma once

#include <cstddef>
#include <span>

#include "core/kernels/run_params.h"
#include "octavo/dtype.h"
#include "octavo/quantization.h"

namespace octavo {

// `codes` is a packed buffer as ONNX's raw_data, `first` the element of it where the run begins.
struct CodeKernels {
  DType dtype;
  void (*quantize)(std::span<const float> values, const RunParams& params, CodeRange range,
                   std::byte* codes, std::size_t first);
  void (*dequantize)(const std::byte* codes, std::size_t first, const RunParams& params,
                     std::span<float> values);
  void (*fake_quantize)(std::span<const float> values, const RunParams& params, CodeRange range,
                        std::span<float> results);
};

// Of the integer types.
std::span<const CodeKernels> all_code_kernels();
// Of any type. Throws Error(kUnsupported) for one that has none.
const CodeKernels& code_kernels(DType dtype);

}  // namespace octavo
