#include "model/external_data.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

#include "octavo/error.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

struct Location {
  std::string file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // 0: to the end of the file
};

[[noreturn]] void fail(const onnx::TensorProto& tensor, const std::string& what) {
  throw Error(ErrorCode::kInvalidModel,
              fmt::format("tensor '{}': external data: {}", tensor.name(), what));
}

std::uint64_t parse_number(const onnx::TensorProto& tensor, std::string_view key,
                           const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) {
    fail(tensor, fmt::format("{} is '{}', expected a non-negative number", key, text));
  }
  return value;
}

Location parse_location(const onnx::TensorProto& tensor) {
  Location location;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") location.file = entry.value();
    if (entry.key() == "offset") location.offset = parse_number(tensor, "offset", entry.value());
    if (entry.key() == "length") location.length = parse_number(tensor, "length", entry.value());
  }
  if (location.file.empty()) fail(tensor, "no location is given");
  return location;
}

fs::path resolve(const onnx::TensorProto& tensor, const fs::path& folder, const std::string& file) {
  const fs::path relative(file);
  const fs::path root = fs::weakly_canonical(folder);
  const fs::path full = fs::weakly_canonical(root / relative);
  const fs::path inside = full.lexically_relative(root);
  if (relative.is_absolute() || inside.empty() || *inside.begin() == "..") {
    fail(tensor, fmt::format("location '{}' leaves the model's folder", file));
  }
  if (!fs::is_regular_file(full)) {
    throw Error(ErrorCode::kNotFound,
                fmt::format("tensor '{}': its external data file {} is missing", tensor.name(),
                            full.string()));
  }
  return full;
}

void load_tensor(onnx::TensorProto& tensor, const fs::path& folder) {
  if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return;
  const Location location = parse_location(tensor);
  const fs::path path = resolve(tensor, folder, location.file);
  const std::uint64_t size = fs::file_size(path);
  const std::uint64_t length =
      location.length != 0 || location.offset > size ? location.length : size - location.offset;
  if (location.offset > size || length > size - location.offset) {
    fail(tensor, fmt::format("bytes {} to {} of {}, which has {}", location.offset,
                             location.offset + length, path.string(), size));
  }
  std::string bytes(length, '\0');
  std::ifstream stream(path, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(location.offset));
  stream.read(bytes.data(), static_cast<std::streamsize>(length));
  if (!stream) throw Error(ErrorCode::kIo, fmt::format("{}: reading failed", path.string()));
  tensor.set_raw_data(std::move(bytes));
  tensor.clear_external_data();
  tensor.clear_data_location();
}

void load_graph(onnx::GraphProto& graph, const fs::path& folder) {
  for (auto& tensor : *graph.mutable_initializer()) load_tensor(tensor, folder);
  for (auto& node : *graph.mutable_node()) {
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.has_t()) load_tensor(*attribute.mutable_t(), folder);
      if (attribute.has_g()) load_graph(*attribute.mutable_g(), folder);
      for (auto& body : *attribute.mutable_graphs()) load_graph(body, folder);
    }
  }
}

}  // namespace

void load_external_data(onnx::ModelProto& model, const fs::path& folder) {
  load_graph(*model.mutable_graph(), folder);
}

}  // namespace octavo
