// Element types: what a tensor holds. Each type's facts live in src/core/dtypes/<type>.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "octavo/export.h"

namespace octavo {

// Values are ONNX's TensorProto.DataType numbers.
enum class DType : std::uint8_t {
  kFloat32 = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kFloat64 = 11,
  kUint32 = 12,
  kUint64 = 13,
  kBfloat16 = 16,
  kFloat8E4m3 = 17,  // ONNX FLOAT8E4M3FN
  kFloat8E5m2 = 19,  // ONNX FLOAT8E5M2
  kUint4 = 21,
  kInt4 = 22,
};

enum class DTypeKind : std::uint8_t { kFloat, kSignedInteger, kUnsignedInteger, kOther };

// The facts that the rest of Octavo asks instead of switching over DType.
struct DTypeTraits {
  DType dtype;
  std::string_view name;  // "int8", "float8e4m3"
  DTypeKind kind;
  int bits;
  // Smallest and largest code of an integer type; the largest finite value of a float type (and its
  // negative). Exact for every type of up to 53 significant bits.
  double lowest;
  double highest;
  // Element `index` of a buffer packed as ONNX's raw_data (little endian, 4-bit types low nibble
  // first). encode rounds half to even and saturates: a finite value stays finite. Infinity stays
  // infinity in types of 16 bits and more that have one, and saturates in 8-bit floats as in ONNX's
  // Cast. NaN encodes as 0 in an integer type.
  double (*decode)(const std::byte* data, std::size_t index);
  void (*encode)(std::byte* data, std::size_t index, double value);
  // The first opset of ONNX whose QuantizeLinear makes this type; 0: none does.
  int quantize_opset = 0;

  bool is_integer() const {
    return kind == DTypeKind::kSignedInteger || kind == DTypeKind::kUnsignedInteger;
  }
  bool is_signed() const { return kind != DTypeKind::kUnsignedInteger; }
  // Floating-point codes: numbers whose distance grows with them, instead of even steps.
  bool is_small_float() const { return kind == DTypeKind::kFloat && bits == 8; }
  // Bytes that `count` elements take, 4-bit types packed two a byte.
  std::size_t bytes(std::size_t count) const {
    return (count * static_cast<std::size_t>(bits) + 7) / 8;
  }
};

// Throws Error(kUnsupported) for a type that has no traits (string).
OCTAVO_API const DTypeTraits& traits(DType dtype);
// Every type that has traits, in ascending enum order.
OCTAVO_API std::span<const DTypeTraits> all_dtypes();
// Throws Error(kInvalidArgument), naming the known ones, for an unknown name.
OCTAVO_API DType dtype_from_name(std::string_view name);
// Throws Error(kUnsupported) for a number that Octavo does not know.
OCTAVO_API DType dtype_from_onnx(int data_type);
inline int to_onnx(DType dtype) { return static_cast<int>(dtype); }

}  // namespace octavo
