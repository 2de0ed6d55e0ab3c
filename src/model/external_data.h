// Weights that a model keeps in files beside it.
#pragma once

#include <filesystem>

#include "onnx/onnx-ml.pb.h"

namespace octavo {

// Loads the external data of every tensor into its raw_data. Locations are relative to `folder` and
// must stay inside it: an absolute path, "..", or a link that leads out is refused.
// Throws Error(kInvalidModel) naming the tensor and the location; Error(kNotFound) if the file is
// not there.
void load_external_data(onnx::ModelProto& model, const std::filesystem::path& folder);

}  // namespace octavo
