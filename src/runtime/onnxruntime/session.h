// A loaded model in ONNX Runtime, and the sessions that run it.
#pragma once

#include <onnxruntime_cxx_api.h>

#include <memory>
#include <string>
#include <vector>

#include "core/scratch_directory.h"
#include "octavo/executor.h"
#include "octavo/model.h"
#include "runtime/onnxruntime/tap.h"
#include "runtime/source_names.h"

namespace octavo {

// The runtime runs it from several threads at once.
struct LoadedModel {
  std::vector<TensorInfo> inputs;
  std::unique_ptr<ScratchDirectory> profile_folder;  // null: it writes no profile
  std::unique_ptr<SourceNames> source_names;         // of the loaded model, if it writes one
  // Where inner tensors are watched, their names; empty: the model's own outputs are fetched.
  std::vector<std::string> taps;
  TapReceiver tap_receiver;
  std::unique_ptr<TapDomain> tap_domain;
  Ort::Session session{nullptr};  // uses what stands before it
};

// One of those that share `model`. If it writes a profile, the only one.
std::unique_ptr<Session> make_onnxruntime_session(std::shared_ptr<LoadedModel> model);

}  // namespace octavo
