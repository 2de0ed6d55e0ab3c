// Weights over protobuf's 2 GB, which stay in their files, given to ONNX Runtime beside the model.
#pragma once

#include <onnxruntime_cxx_api.h>

#include <memory>
#include <string>
#include <vector>

#include "model/mapped_file.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

class OutsideWeights {
 public:
  // Maps those initializers of `model` that are kept outside (model/external_data.h) and that
  // something reads.
  explicit OutsideWeights(const onnx::ModelProto& model);

  // The model as the runtime reads it: without outside weights that nothing reads.
  onnx::ModelProto model() const;
  // The runtime copies them while it loads the model; afterwards this may go.
  void add_to(Ort::SessionOptions& options) const;

 private:
  const onnx::ModelProto& source_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<MappedFile>> files_;
  std::vector<Ort::Value> values_;
};

}  // namespace octavo
