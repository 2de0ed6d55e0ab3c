#include "model/tensor_proto.h"

#include <fmt/format.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "model/external_data.h"
#include "model/mapped_file.h"
#include "octavo/error.h"

namespace octavo {
namespace {

// Copies ONNX's typed field (one entry an element) into packed bytes. Sub-byte types keep two
// elements an entry there, so that the number of entries is the number of bytes.
template <typename Field>
std::vector<std::byte> pack(const Field& field, const DTypeTraits& type) {
  const std::size_t element_bytes = type.bytes(1);
  std::vector<std::byte> bytes(static_cast<std::size_t>(field.size()) * element_bytes);
  std::byte* target = bytes.data();
  for (const auto value : field) {
    std::memcpy(target, &value, element_bytes);  // little endian: the low bytes come first
    target += element_bytes;
  }
  return bytes;
}

// Calls `use` with the typed field that ONNX's TensorProto prescribes for the element type; data in
// another field are not this tensor's.
template <typename Use>
auto with_typed_field(const onnx::TensorProto& proto, const DTypeTraits& type, const Use& use) {
  if (type.kind == DTypeKind::kFloat && type.bits == 32) return use(proto.float_data());
  if (type.kind == DTypeKind::kFloat && type.bits == 64) return use(proto.double_data());
  if (!type.is_signed() && type.bits >= 32) return use(proto.uint64_data());
  if (type.bits == 64) return use(proto.int64_data());
  return use(proto.int32_data());
}

std::vector<std::byte> typed_bytes(const onnx::TensorProto& proto, const DTypeTraits& type) {
  return with_typed_field(proto, type, [&](const auto& field) { return pack(field, type); });
}

std::size_t stored_bytes(const onnx::TensorProto& proto, const DTypeTraits& type) {
  if (const auto outside = kept_outside(proto)) return outside->length;
  if (proto.has_raw_data()) return proto.raw_data().size();
  return with_typed_field(proto, type, [&](const auto& field) {
    return static_cast<std::size_t>(field.size()) * type.bytes(1);
  });
}

std::vector<std::byte> outside_bytes(const ExternalBytes& from) {
  const MappedFile file(from.path, from.offset, from.length);
  return {file.bytes().begin(), file.bytes().end()};
}

std::vector<std::byte> raw_bytes(const std::string& raw) {
  std::vector<std::byte> bytes(raw.size());
  // An empty vector has no memory to copy to.
  if (!raw.empty()) std::memcpy(bytes.data(), raw.data(), raw.size());
  return bytes;
}

}  // namespace

Shape shape_of(const onnx::TensorProto& proto) {
  return {proto.dims().begin(), proto.dims().end()};
}

void check_data(const onnx::TensorProto& proto, std::string_view context) {
  const std::string name = proto.name().empty() ? std::string(context) : proto.name();
  const DTypeTraits& type = traits(dtype_from_onnx(proto.data_type()));
  const Shape shape = shape_of(proto);
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) {
      throw Error(
          ErrorCode::kInvalidModel,
          fmt::format("tensor '{}': negative dimension in shape {}", name, to_string(shape)));
    }
  }
  const std::size_t stored = stored_bytes(proto, type);
  const std::size_t expected = type.bytes(element_count(shape));
  if (stored == expected) return;
  throw Error(ErrorCode::kInvalidModel,
              fmt::format("tensor '{}': {} bytes of data, expected {} for {}{}", name, stored,
                          expected, type.name, to_string(shape)));
}

Tensor tensor_from_proto(const onnx::TensorProto& proto, std::string_view context) {
  check_data(proto, context);
  const DTypeTraits& type = traits(dtype_from_onnx(proto.data_type()));
  if (const auto outside = kept_outside(proto)) {
    return {type.dtype, shape_of(proto), outside_bytes(*outside)};
  }
  return {type.dtype, shape_of(proto),
          proto.has_raw_data() ? raw_bytes(proto.raw_data()) : typed_bytes(proto, type)};
}

onnx::TensorProto tensor_to_proto(const Tensor& tensor, std::string_view name) {
  onnx::TensorProto proto;
  proto.set_name(std::string(name));
  proto.set_data_type(to_onnx(tensor.dtype()));
  proto.mutable_dims()->Add(tensor.shape().begin(), tensor.shape().end());
  const auto bytes = tensor.bytes();
  proto.set_raw_data(bytes.data(), bytes.size());
  return proto;
}

}  // namespace octavo
