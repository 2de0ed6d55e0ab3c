// The numeric contract: what quantizing a number means. docs/numeric-contract.md derives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "octavo/dtype.h"
#include "octavo/export.h"
#include "octavo/tensor.h"

namespace octavo {

enum class Symmetry : std::uint8_t {
  kAsymmetric,  // zero point anywhere: the range is used as it is
  kSymmetric,   // zero point in the middle: 0 for signed types, 2^(bits-1) for unsigned ones
};

enum class Granularity : std::uint8_t { kPerTensor, kPerChannel, kPerBlock };

// A range of real numbers that the codes should cover. min <= max; need not hold 0.
struct Range {
  double min = 0;
  double max = 0;
  bool operator==(const Range&) const = default;
};

// How real numbers become codes; what a target and a recipe ask for.
struct Scheme {
  DType dtype = DType::kInt8;
  Symmetry symmetry = Symmetry::kAsymmetric;
  // Symmetric signed types leave out the lowest code: int8 uses [-127, 127]. Float types, whose
  // ends are alike, have none to leave out.
  bool narrow_range = false;
  // Bits taken off the range for kernels that saturate early (AVX2's u8s8): 1 gives 7-bit weights.
  int reduced_bits = 0;
  bool operator==(const Scheme&) const = default;
};

// Smallest and largest code that `scheme` uses; of an 8-bit float type, its smallest and largest
// number. Throws Error(kInvalidArgument) for a float type that is asymmetric or of fewer bits.
struct CodeRange {
  std::int32_t min = 0;
  std::int32_t max = 0;
  bool operator==(const CodeRange&) const = default;
};
OCTAVO_API CodeRange code_range(const Scheme& scheme);

// The shape of the scales of a tensor of that shape: [] per tensor, [C] per channel, [.., blocks,
// ..] per block. Throws Error(kInvalidArgument) for an axis that the shape does not have.
OCTAVO_API Shape scale_shape(const Shape& shape, std::optional<int> axis, std::int64_t block_size);

// x' = (q - zero_point) * scale. One entry for a whole tensor, one a slice along `axis`, or one for
// every `block_size` elements that follow each other along `axis` (the last block may be shorter):
// then the entries are those of a tensor of the same shape whose `axis` counts blocks, as in ONNX's
// DequantizeLinear.
struct QuantParams {
  Scheme scheme = {};
  std::vector<float> scale = {};
  std::vector<std::int32_t> zero_point = {};  // as many as scale
  std::optional<int> axis = std::nullopt;     // none: per tensor
  std::int64_t block_size = 0;                // 0: a whole slice

  Granularity granularity() const {
    if (!axis) return Granularity::kPerTensor;
    return block_size == 0 ? Granularity::kPerChannel : Granularity::kPerBlock;
  }
  bool operator==(const QuantParams&) const = default;
};

// One scale and zero point.
struct ScaleZeroPoint {
  float scale = 1;
  std::int32_t zero_point = 0;
  bool operator==(const ScaleZeroPoint&) const = default;
};

// The parameters that cover `range`, widened to hold 0. The scale is computed in double and stored
// in float; the zero point follows from the stored scale, so that real 0 is a code exactly. A range
// of {0, 0} gives scale 1; a scale is never below float's smallest normal number, nor so large that
// a code stands for infinity. Throws Error(kInvalidArgument) on NaN, infinity, min > max, or an end
// beyond float.
// Source: Jacob et al. 2018 (arXiv 1712.05877) section 2.1 and gemmlowp's doc/quantization.md.
OCTAVO_API ScaleZeroPoint choose_params(const Range& range, const Scheme& scheme);

// q = saturate(round_half_even(x / scale) + zero_point): a division, in float32, never a product
// with a reciprocal. NaN gives the zero point; all else equals ONNX Runtime's QuantizeLinear bit
// for bit. Of integer types; codes of float types are no int32, see the whole tensors below.
OCTAVO_API std::int32_t quantize(float x, ScaleZeroPoint params, CodeRange codes);
// (q - zero_point) * scale in float32.
OCTAVO_API float dequantize(std::int32_t q, ScaleZeroPoint params);

// Whole tensors. `values` must be float32; codes come back packed as params.scheme.dtype. Codes of
// a float type are x / scale, rounded half to even to its nearest number and saturated; NaN
// remains. Throws Error(kInvalidArgument) if the number of scales does not fit the shape.
OCTAVO_API Tensor quantize(const Tensor& values, const QuantParams& params);
OCTAVO_API Tensor dequantize(const Tensor& codes, const QuantParams& params);
// dequantize(quantize(values)) without the codes in between.
OCTAVO_API Tensor fake_quantize(const Tensor& values, const QuantParams& params);

}  // namespace octavo
