// From an ONNX model to what OpenVINO's CPU plugin runs.
#pragma once

#include <memory>
#include <openvino/openvino.hpp>

#include "octavo/executor.h"

namespace octavo {

// The model as OpenVINO's ONNX frontend reads it, with options.outputs as its outputs where they
// are given. Throws Error: kInvalidModel if the frontend refuses it, kNotFound for an unknown
// output.
std::shared_ptr<ov::Model> read_openvino_model(const Model& model,
                                               const std::vector<std::string>& outputs);

// For up to `requests` that run at once, each on options.threads threads. Throws what OpenVINO
// throws.
ov::CompiledModel compile_openvino_model(const std::shared_ptr<const ov::Model>& model,
                                         const SessionOptions& options, int requests = 1);

}  // namespace octavo
