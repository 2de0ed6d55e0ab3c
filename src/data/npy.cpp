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
constexpr std::size_t kLargestHeaderBytes = 1 << 20;

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

std::size_t read_length(const ReadBytes& read, std::size_t length_bytes) {
  std::array<std::byte, 4> bytes{};
  read(std::span(bytes).first(length_bytes));
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    length |= std::to_integer<std::size_t>(bytes[i]) << (8 * i);
  }
  return length;
}

std::string_view name_of(DType dtype) {
  for (const auto& [code, known] : kTypes) {
    if (known == dtype) return code;
  }
  throw Error(ErrorCode::kUnsupported,
              fmt::format("{} cannot be written as .npy", traits(dtype).name));
}

}  // namespace

NpyHeader read_npy_header(const ReadBytes& read, std::string_view context) {
  std::array<std::byte, kMagic.size() + 2> start;
  read(start);
  if (as_text(start).substr(0, kMagic.size()) != kMagic) fail(context, "not a .npy array");
  const auto version = std::to_integer<int>(start[kMagic.size()]);
  if (version < 1 || version > 3) {
    fail(context, fmt::format(".npy version {}, expected 1 to 3", version));
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t length = read_length(read, length_bytes);
  if (length > kLargestHeaderBytes) fail(context, fmt::format("a header of {} bytes", length));
  std::vector<std::byte> text(length);
  read(text);
  const std::string_view header = as_text(text);
  NpyHeader result;
  result.dtype = parse_descr(value_of(header, "descr", context), context);
  result.shape = parse_shape(value_of(header, "shape", context), context);
  result.header_bytes = start.size() + length_bytes + length;
  if (value_of(header, "fortran_order", context).starts_with("True") && result.shape.size() > 1) {
    fail(context, "the array is in Fortran order; save numpy.ascontiguousarray(array)");
  }
  return result;
}

Tensor read_npy_elements(const ReadBytes& read, const NpyHeader& header) {
  Tensor tensor(header.dtype, header.shape);
  read(tensor.mutable_bytes());
  return tensor;
}

Tensor read_npy_rows(const ReadBytes& read, const NpyHeader& header,
                     std::span<const std::size_t> rows) {
  Shape shape = header.shape;
  shape.at(0) = static_cast<std::int64_t>(rows.size());
  Tensor tensor(header.dtype, shape);
  if (rows.empty() || tensor.size() == 0) return tensor;
  const std::size_t row_bytes = tensor.bytes().size() / rows.size();
  std::vector<std::byte> dropped(row_bytes);
  std::size_t next = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (; next < rows[i]; ++next) read(dropped);
    read(tensor.mutable_bytes().subspan(i * row_bytes, row_bytes));
    ++next;
  }
  return tensor;
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
