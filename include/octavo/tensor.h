// A dense, row-major tensor that owns its elements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "octavo/dtype.h"
#include "octavo/export.h"

namespace octavo {

using Shape = std::vector<std::int64_t>;

// Number of elements; 1 for a scalar (empty shape). Throws Error(kInvalidArgument) on a negative
// dimension or where the product overflows.
OCTAVO_API std::size_t element_count(const Shape& shape);
// "[1, 3, 224, 224]"; a negative dimension prints as "?".
OCTAVO_API std::string to_string(const Shape& shape);

// The element type that C++'s T stands for.
template <typename T>
struct DTypeOf;
template <>
struct DTypeOf<float> : std::integral_constant<DType, DType::kFloat32> {};
template <>
struct DTypeOf<double> : std::integral_constant<DType, DType::kFloat64> {};
template <>
struct DTypeOf<std::int8_t> : std::integral_constant<DType, DType::kInt8> {};
template <>
struct DTypeOf<std::int16_t> : std::integral_constant<DType, DType::kInt16> {};
template <>
struct DTypeOf<std::int32_t> : std::integral_constant<DType, DType::kInt32> {};
template <>
struct DTypeOf<std::int64_t> : std::integral_constant<DType, DType::kInt64> {};
template <>
struct DTypeOf<std::uint8_t> : std::integral_constant<DType, DType::kUint8> {};
template <>
struct DTypeOf<std::uint16_t> : std::integral_constant<DType, DType::kUint16> {};
template <>
struct DTypeOf<std::uint32_t> : std::integral_constant<DType, DType::kUint32> {};
template <>
struct DTypeOf<std::uint64_t> : std::integral_constant<DType, DType::kUint64> {};
template <>
struct DTypeOf<bool> : std::integral_constant<DType, DType::kBool> {};

class OCTAVO_API Tensor {
 public:
  Tensor() = default;
  // Zero-filled.
  Tensor(DType dtype, Shape shape);
  // Takes `bytes` as they are. Throws Error(kInvalidArgument) if their number does not fit.
  Tensor(DType dtype, Shape shape, std::vector<std::byte> bytes);

  // The element type is DTypeOf<T>. Throws Error(kInvalidArgument) if the number of values does not
  // fit the shape.
  template <typename T>
  static Tensor of(Shape shape, std::span<const T> values) {
    return copy_of(DTypeOf<T>::value, std::move(shape), std::as_bytes(values));
  }
  template <typename T>
  static Tensor of(Shape shape, std::initializer_list<T> values) {
    return of(std::move(shape), std::span<const T>(values.begin(), values.size()));
  }

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::size_t size() const { return size_; }
  std::span<const std::byte> bytes() const { return bytes_; }
  std::span<std::byte> mutable_bytes() { return bytes_; }

  // The elements as T. Throws Error(kInvalidArgument) unless T is this tensor's element type.
  template <typename T>
  std::span<const T> as() const {
    require_dtype(DTypeOf<T>::value);
    return {reinterpret_cast<const T*>(bytes_.data()), size_};
  }
  template <typename T>
  std::span<T> mutable_as() {
    require_dtype(DTypeOf<T>::value);
    return {reinterpret_cast<T*>(bytes_.data()), size_};
  }

  // Any element type, through its traits; slow, for the odd value.
  double at(std::size_t index) const { return traits(dtype_).decode(bytes_.data(), index); }
  // A float32 copy, whatever the element type.
  Tensor to_float32() const;
  // The same elements under another shape of the same size.
  Tensor reshaped(Shape shape) const;

 private:
  static Tensor copy_of(DType dtype, Shape shape, std::span<const std::byte> bytes);
  void require_dtype(DType expected) const;

  DType dtype_ = DType::kFloat32;
  Shape shape_;
  std::size_t size_ = 0;
  std::vector<std::byte> bytes_;
};

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

// What a model declares of an input or output. A dimension of -1 is free.
struct TensorInfo {
  std::string name;
  DType dtype = DType::kFloat32;
  Shape shape;
};

}  // namespace octavo
