// One loaded model in ONNX Runtime.
#pragma once

#include <onnxruntime_cxx_api.h>

#include <memory>
#include <vector>

#include "octavo/executor.h"
#include "runtime/scratch_directory.h"

namespace octavo {

// `profile_folder` is where the session writes its profile; null if it writes none.
std::unique_ptr<Session> make_onnxruntime_session(Ort::Session session,
                                                  std::vector<TensorInfo> inputs,
                                                  std::unique_ptr<ScratchDirectory> profile_folder);

}  // namespace octavo
