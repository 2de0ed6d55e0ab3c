// One loaded model in OpenVINO.
#pragma once

#include <memory>
#include <openvino/openvino.hpp>
#include <string>
#include <vector>

#include "octavo/executor.h"

namespace octavo {

// `inputs` and `output_names` are ONNX's; the latter in the order of `model`'s outputs. Throws
// Error(kInvalidModel) if the plugin refuses the model.
std::unique_ptr<Session> make_openvino_session(std::shared_ptr<ov::Model> model,
                                               std::vector<TensorInfo> inputs,
                                               std::vector<std::string> output_names,
                                               const SessionOptions& options);

}  // namespace octavo
