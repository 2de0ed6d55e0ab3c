// The vector half of Sketch::observe: bins, extremes and zeros of a block of values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace octavo {

inline constexpr std::size_t kSketchBlock = 1024;             // values a call
inline constexpr std::uint32_t kMagnitudeMask = 0x7FFFFFFFU;  // a float's bits without its sign
inline constexpr std::uint32_t kExponentMask = 0x7F800000U;   // from here on infinite or NaN

struct BlockSummary {
  std::size_t bins = 0;  // entries written: one a value other than zero
  bool finite = true;    // false: a NaN or infinity among them; nothing else is valid then
  float min = 0;         // over the whole block, zeros included
  float max = 0;
  // Bits of the smallest and largest magnitude other than zero; only where `bins` is not 0.
  std::uint32_t smallest = 0xFFFFFFFFU;
  std::uint32_t largest = 0;
};

// `values` holds 1 to kSketchBlock values. Writes bits >> 13 of each nonzero value into `bins`, in
// order; `bins` needs room for kSketchBlock entries and a vector more. Runs on the widest SIMD that
// the machine has; every target gives the same result.
BlockSummary summarize_block(std::span<const float> values, std::uint32_t* bins);

// The definition that the kernels must match, one value at a time.
BlockSummary summarize_block_reference(std::span<const float> values, std::uint32_t* bins);

inline constexpr std::size_t kSketchBlockPadding =
    64;  // entries past the block that may be touched

}  // namespace octavo
