// What integer kernels compute, slowly and plainly: the codes' products added up, exactly or as
// narrower hardware adds them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace octavo {

// How a kernel adds up the products of uint8 activation codes and int8 weight codes.
enum class Accumulation : std::uint8_t {
  kInt32,  // every product by itself into 32 bits: exact
  // Two neighbouring products in 16 bits, which saturate, then into 32: VPMADDUBSW (Intel 64
  // instruction set reference). Only for unsigned activations and signed weights.
  kInt16Pairs,
};

std::string_view to_string(Accumulation accumulation);  // "int32", "int16_pairs"

// Codes, row by row; the zero points are taken off as the kernels do it: after the products.
struct IntegerOperands {
  std::size_t rows = 0;                       // of the activations
  std::size_t inner = 0;                      // what is summed over
  std::size_t columns = 0;                    // output channels
  std::span<const std::int32_t> activations;  // [rows, inner]
  std::span<const std::int32_t> weights;      // [columns, inner]: what is summed lies together
  std::int32_t activation_zero_point = 0;
  std::vector<std::int32_t> weight_zero_points;  // one, or one a column
};

struct IntegerProduct {
  std::vector<std::int32_t> sums;  // [rows, columns]: of (a - za) * (w - zw), modulo 2^32
  std::size_t pairs = 0;           // additions in 16 bits
  std::size_t saturated_pairs = 0;
  std::size_t damaged_sums = 0;  // those with a saturated pair in them
};

// Pairs are products 0 and 1, 2 and 3, ... along `inner`; an odd one is added to 0. Throws
// Error(kInvalidArgument) if the spans do not fit.
IntegerProduct multiply(const IntegerOperands& operands, Accumulation accumulation);

}  // namespace octavo
