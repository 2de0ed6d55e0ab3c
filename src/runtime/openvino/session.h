// One loaded model in OpenVINO.
#pragma once

#include <memory>
#include <openvino/openvino.hpp>
#include <string>
#include <vector>

#include "octavo/executor.h"
#include "runtime/source_names.h"

namespace octavo {

// What a session knows of the ONNX model.
struct OpenvinoModelNames {
  std::vector<TensorInfo> inputs;
  std::vector<std::string> outputs;  // in the order of OpenVINO's
  SourceNames nodes;
};

// Throws Error(kInvalidModel) if the plugin refuses the model.
std::unique_ptr<Session> make_openvino_session(std::shared_ptr<ov::Model> model,
                                               OpenvinoModelNames names,
                                               const SessionOptions& options);

}  // namespace octavo
