#include "data/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "octavo/error.h"

namespace octavo {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kAlignment = 64;

constexpr std::array<std::pair<std::string_view, DType>, 12> kTypes = {{
    {"b1", DType::kBool},
    {"f2", DType::kFloat16},
    {"f4", DType::kFloat32},
    {"f8", DType::kFloat64},
    {"i1", DType::kInt8},
    {"i2", DType::kInt16},
    {"i4", DType::kInt32},
    {"i8", DType::kInt64},
    {"u1", DType::kUint8},
    {"u2", DType::kUint16},
    {"u4", DType::kUint32},
    {"u8", DType::kUint64},
}};

[[noreturn]] void fail(std::string_view context, const std::string& what) {
  throw Error(ErrorCode::kInvalidData, fmt::format("{}: {}", context, what));
}

// The text after "'key':" in the header's Python dictionary.
std::string_view value_of(std::string_view header, std::string_view key, std::string_view context) {
  const std::string quoted = fmt::format("'{}':", key);
  const std::size_t position = header.find(quoted);
  if (position == std::string_view::npos) {
    fail(context, fmt::format("the .npy header has no '{}'", key));
  }
  header.remove_prefix(position + quoted.size());
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return header;
}

DType parse_descr(std::string_view value, std::string_view context) {
  if (value.size() < 2 || value[0] != '\'') fail(context, "structured arrays are not supported");
  value.remove_prefix(1);
  const std::string_view descr = value.substr(0, value.find('\''));
  const bool little_endian = descr.starts_with('<') || descr.starts_with('|');
  for (const auto& [code, dtype] : kTypes) {
    if (little_endian && descr.substr(1) == code) return dtype;
  }
  fail(context, fmt::format("array type '{}', expected a little-endian number type", descr));
}

Shape parse_shape(std::string_view value, std::string_view context) {
  const std::size_t close = value.find(')');
  if (!value.starts_with('(') || close == std::string_view::npos) {
    fail(context, "the .npy header has no readable shape");
  }
  Shape shape;
  for (value = value.substr(1, close - 1); !value.empty();) {
    value.remove_prefix(std::min(value.find_first_not_of(", "), value.size()));
    if (value.empty()) break;
    std::int64_t dimension = -1;
    const auto result = std::from_chars(value.data(), value.data() + value.size(), dimension);
    if (result.ec != std::errc() || dimension < 0) {
      fail(context, "the .npy header has no readable shape");
    }
    shape.push_back(dimension);
    value.remove_prefix(static_cast<std::size_t>(result.ptr - value.data()));
  }
  return shape;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view name_of(DType dtype) {
  for (const auto& [code, known] : kTypes) {
    if (known == dtype) return code;
  }
  throw Error(ErrorCode::kUnsupported,
              fmt::format("{} cannot be written as .npy", traits(dtype).name));
}

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> bytes, std::string_view context) {
  const std::string_view text = as_text(bytes);
  if (!text.starts_with(kMagic) || text.size() < 12) fail(context, "not a .npy array");
  const auto byte_at = [&](std::size_t i) { return std::to_integer<std::size_t>(bytes[i]); };
  const std::size_t version = byte_at(6);
  if (version < 1 || version > 3) fail(context, fmt::format(".npy version {}", version));
  const std::size_t begin = version == 1 ? 10 : 12;
  std::size_t length = byte_at(8) | byte_at(9) << 8U;
  if (version > 1) length |= byte_at(10) << 16U | byte_at(11) << 24U;
  if (length > text.size() - begin) fail(context, "the .npy header is truncated");
  const std::string_view header = text.substr(begin, length);
  NpyHeader result;
  result.dtype = parse_descr(value_of(header, "descr", context), context);
  result.shape = parse_shape(value_of(header, "shape", context), context);
  result.data_offset = begin + length;
  if (value_of(header, "fortran_order", context).starts_with("True") && result.shape.size() > 1) {
    fail(context, "the array is in Fortran order; save numpy.ascontiguousarray(array)");
  }
  return result;
}

Tensor parse_npy(std::span<const std::byte> bytes, std::string_view context) {
  const NpyHeader header = parse_npy_header(bytes, context);
  const std::size_t expected = traits(header.dtype).bytes(element_count(header.shape));
  const auto data = bytes.subspan(header.data_offset);
  if (data.size() != expected) {
    fail(context, fmt::format("{} bytes of elements, expected {} for {}{}", data.size(), expected,
                              traits(header.dtype).name, to_string(header.shape)));
  }
  return {header.dtype, header.shape, {data.begin(), data.end()}};
}

std::vector<std::byte> to_npy(const Tensor& tensor) {
  const std::string_view code = name_of(tensor.dtype());
  const char order = traits(tensor.dtype()).bits == 8 ? '|' : '<';
  std::string header =
      fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}{}), }}", order, code,
                  fmt::join(tensor.shape(), ", "), tensor.shape().size() == 1 ? "," : "");
  const std::size_t unpadded = 10 + header.size() + 1;
  header.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  header.push_back('\n');
  std::string text(kMagic);
  text += {'\x01', '\x00', static_cast<char>(header.size() & 0xFFU),
           static_cast<char>(header.size() >> 8U)};
  text += header;
  std::vector<std::byte> bytes(text.size() + tensor.bytes().size());
  std::memcpy(bytes.data(), text.data(), text.size());
  std::copy(tensor.bytes().begin(), tensor.bytes().end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(text.size()));
  return bytes;
}

}  // namespace octavo
