#include "runtime/openvino/element_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "octavo/error.h"

namespace octavo {
namespace {

struct TypePair {
  DType dtype;
  ov::element::Type_t type;
};

constexpr auto kTypes = std::to_array<TypePair>({
    {DType::kFloat32, ov::element::Type_t::f32},
    {DType::kUint8, ov::element::Type_t::u8},
    {DType::kInt8, ov::element::Type_t::i8},
    {DType::kUint16, ov::element::Type_t::u16},
    {DType::kInt16, ov::element::Type_t::i16},
    {DType::kInt32, ov::element::Type_t::i32},
    {DType::kInt64, ov::element::Type_t::i64},
    {DType::kBool, ov::element::Type_t::boolean},
    {DType::kFloat16, ov::element::Type_t::f16},
    {DType::kFloat64, ov::element::Type_t::f64},
    {DType::kUint32, ov::element::Type_t::u32},
    {DType::kUint64, ov::element::Type_t::u64},
    {DType::kBfloat16, ov::element::Type_t::bf16},
    {DType::kFloat8E4m3, ov::element::Type_t::f8e4m3},
    {DType::kFloat8E5m2, ov::element::Type_t::f8e5m2},
    {DType::kUint4, ov::element::Type_t::u4},
    {DType::kInt4, ov::element::Type_t::i4},
});

}  // namespace

ov::element::Type to_openvino(DType dtype) {
  const auto* found = std::ranges::find(kTypes, dtype, &TypePair::dtype);
  if (found != kTypes.end()) return found->type;
  throw Error(ErrorCode::kUnsupported,
              fmt::format("ONNX data type {} cannot be passed to OpenVINO", to_onnx(dtype)));
}

DType dtype_from_openvino(const ov::element::Type& type) {
  const auto* found = std::ranges::find(kTypes, ov::element::Type_t(type), &TypePair::type);
  if (found != kTypes.end()) return found->dtype;
  throw Error(
      ErrorCode::kUnsupported,
      fmt::format("OpenVINO's element type {} is not one that Octavo knows", type.get_type_name()));
}

}  // namespace octavo
