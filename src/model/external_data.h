// Weights that ONNX keeps in files beside the model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "onnx/onnx-ml.pb.h"

namespace octavo {

// Where a tensor's bytes lie, checked: within the model's folder, within the file.
struct ExternalBytes {
  std::filesystem::path path;  // absolute
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Replaces external tensors (initializers, attributes, bodies, functions) by their bytes, read from
// files inside `folder`. Where all of them together are more than protobuf can hold, initializers
// of a megabyte and more stay outside: kept_outside() tells where, and tensor_from_proto() maps
// them one at a time. Throws Error(kInvalidModel, kNotFound, kIo), naming the tensor, for a
// location that leaves the folder, is missing, or is shorter than it claims.
void load_external_data(onnx::ModelProto& model, const std::filesystem::path& folder);

// Nothing: the tensor's bytes are its own. Throws Error(kInvalidModel) for external data that
// load_external_data() has not checked.
std::optional<ExternalBytes> kept_outside(const onnx::TensorProto& tensor);

// Whether any initializer of the graph is kept outside.
bool has_outside_data(const onnx::GraphProto& graph);

// What fits into one protobuf message, with room for the nodes.
inline constexpr std::uint64_t kMostInlineBytes = 2'000'000'000;

}  // namespace octavo
