// One loaded model in ONNX Runtime.
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

// What a session needs for as long as it lives.
struct SessionParts {
  std::vector<TensorInfo> inputs;
  std::unique_ptr<ScratchDirectory> profile_folder;  // null: it writes no profile
  std::unique_ptr<SourceNames> source_names;         // of the loaded model, if it writes one
  // Where inner tensors are watched, their names; empty: the model's own outputs are fetched.
  std::vector<std::string> taps;
  std::unique_ptr<TapReceiver> tap_receiver;
  std::unique_ptr<TapDomain> tap_domain;
};

std::unique_ptr<Session> make_onnxruntime_session(SessionParts parts, Ort::Session session);

}  // namespace octavo
