// An ONNX model in memory. The protobuf stays private to Octavo's sources (src/model/).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "octavo/export.h"
#include "octavo/tensor.h"

namespace onnx {
class ModelProto;
}

namespace octavo {

// A value: copying copies every weight. Move it along the pipeline.
class OCTAVO_API Model {
 public:
  Model();
  explicit Model(onnx::ModelProto&& proto);
  Model(const Model&);
  Model(Model&&) noexcept;
  Model& operator=(const Model&);
  Model& operator=(Model&&) noexcept;
  ~Model();

  const onnx::ModelProto& proto() const { return *proto_; }
  onnx::ModelProto& mutable_proto() { return *proto_; }

  // Inputs that the caller feeds: graph inputs without those that are initializers too.
  std::vector<TensorInfo> inputs() const;
  std::vector<TensorInfo> outputs() const;
  // Version of the default ONNX operator set.
  int opset() const;

 private:
  std::unique_ptr<onnx::ModelProto> proto_;
};

// Reads a model with its external data and checks its structure. Throws Error: kNotFound, kIo,
// kInvalidModel (empty, truncated, not ONNX, broken graph), kUnsupported (opset outside 7..24).
OCTAVO_API Model read_model(const std::filesystem::path& path);

// Writes under a temporary name beside `path`, syncs, and renames: `path` holds the old or the new
// model, never half of one. What protobuf cannot hold has its weights in `path`.data, written
// first. Throws Error(kIo).
OCTAVO_API void write_model(const Model& model, const std::filesystem::path& path);

}  // namespace octavo
