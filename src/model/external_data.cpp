#include "model/external_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

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
  std::error_code failure;  // a name too long, a folder that may not be entered
  const fs::path full = fs::weakly_canonical(root / relative, failure);
  if (failure) fail(tensor, fmt::format("location '{}': {}", file, failure.message()));
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

// Only what load_external_data() writes into a tensor has it: entries of a file are replaced.
constexpr std::string_view kCheckedKey = "octavo.checked_path";
// Smaller ones are looked at again and again, as biases and shapes are.
constexpr std::uint64_t kLeastOutsideBytes = 1 << 20;

ExternalBytes checked(const onnx::TensorProto& tensor, const fs::path& folder) {
  const Location location = parse_location(tensor);
  ExternalBytes bytes{resolve(tensor, folder, location.file), location.offset, location.length};
  const std::uint64_t size = fs::file_size(bytes.path);
  if (bytes.length == 0 && bytes.offset <= size) bytes.length = size - bytes.offset;
  if (bytes.offset > size || bytes.length > size - bytes.offset) {
    fail(tensor, fmt::format("bytes {} to {} of {}, which has {}", bytes.offset,
                             bytes.offset + bytes.length, bytes.path.string(), size));
  }
  return bytes;
}

void load(onnx::TensorProto& tensor, const ExternalBytes& from) {
  std::string bytes(from.length, '\0');
  std::ifstream stream(from.path, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(from.offset));
  stream.read(bytes.data(), static_cast<std::streamsize>(from.length));
  if (!stream) throw Error(ErrorCode::kIo, fmt::format("{}: reading failed", from.path.string()));
  tensor.set_raw_data(std::move(bytes));
  tensor.clear_external_data();
  tensor.clear_data_location();
}

void add_entry(onnx::TensorProto& tensor, std::string_view key, const std::string& value) {
  auto& entry = *tensor.add_external_data();
  entry.set_key(std::string(key));
  entry.set_value(value);
}

void keep_outside(onnx::TensorProto& tensor, const ExternalBytes& from) {
  tensor.clear_external_data();
  add_entry(tensor, kCheckedKey, from.path.string());
  add_entry(tensor, "offset", std::to_string(from.offset));
  add_entry(tensor, "length", std::to_string(from.length));
}

using Tensors = std::vector<onnx::TensorProto*>;

void add_if_external(onnx::TensorProto& tensor, Tensors& found) {
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) found.push_back(&tensor);
}

void find_external(onnx::GraphProto& graph, Tensors& found);

void find_external(google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes, Tensors& found) {
  for (onnx::NodeProto& node : nodes) {
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.has_t()) add_if_external(*attribute.mutable_t(), found);
      for (auto& tensor : *attribute.mutable_tensors()) add_if_external(tensor, found);
      if (attribute.has_g()) find_external(*attribute.mutable_g(), found);
      for (auto& body : *attribute.mutable_graphs()) find_external(body, found);
    }
  }
}

void find_external(onnx::GraphProto& graph, Tensors& found) {
  for (auto& tensor : *graph.mutable_initializer()) add_if_external(tensor, found);
  find_external(*graph.mutable_node(), found);
}

}  // namespace

void load_external_data(onnx::ModelProto& model, const fs::path& folder) {
  Tensors tensors;
  for (auto& tensor : *model.mutable_graph()->mutable_initializer()) {
    add_if_external(tensor, tensors);
  }
  const std::size_t initializers = tensors.size();
  tensors.clear();
  find_external(*model.mutable_graph(), tensors);  // those initializers first
  for (auto& function : *model.mutable_functions()) {
    find_external(*function.mutable_node(), tensors);
  }
  std::vector<ExternalBytes> places;
  std::uint64_t total = 0;
  for (const onnx::TensorProto* tensor : tensors) {
    places.push_back(checked(*tensor, folder));
    total += places.back().length;
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const bool outside =
        total > kMostInlineBytes && i < initializers && places[i].length >= kLeastOutsideBytes;
    outside ? keep_outside(*tensors[i], places[i]) : load(*tensors[i], places[i]);
  }
}

std::optional<ExternalBytes> kept_outside(const onnx::TensorProto& tensor) {
  if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return std::nullopt;
  ExternalBytes bytes;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == kCheckedKey) bytes.path = entry.value();
    if (entry.key() == "offset") bytes.offset = parse_number(tensor, "offset", entry.value());
    if (entry.key() == "length") bytes.length = parse_number(tensor, "length", entry.value());
  }
  if (bytes.path.empty()) {
    throw Error(ErrorCode::kInvalidModel,
                fmt::format("tensor '{}': its external data were not loaded", tensor.name()));
  }
  return bytes;
}

bool has_outside_data(const onnx::GraphProto& graph) {
  return std::any_of(
      graph.initializer().begin(), graph.initializer().end(),
      [](const auto& tensor) { return tensor.data_location() == onnx::TensorProto::EXTERNAL; });
}

}  // namespace octavo
