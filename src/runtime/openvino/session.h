// A loaded model in OpenVINO, and the sessions that run it.
#pragma once

#include <cstddef>
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

// `count` of them. Throws Error(kInvalidModel) if the plugin refuses the model.
std::vector<std::unique_ptr<Session>> make_openvino_sessions(std::shared_ptr<ov::Model> model,
                                                             const OpenvinoModelNames& names,
                                                             const SessionOptions& options,
                                                             std::size_t count);

}  // namespace octavo
