#include "train/training_device.h"

#include <fmt/format.h>
#include <xxhash.h>

#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

at::Device training_device(const TrainingOptions& options) {
  if (options.device == "cpu") return at::kCPU;
  if (options.device != "cuda") {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("device '{}', expected cpu or cuda", options.device));
  }
  if (!at::hasCUDA()) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "device cuda: this libtorch sees no GPU; octavo-train must be built against one with "
        "CUDA");
  }
  // Rounding falls otherwise with the 10 bits of TF32: what is simulated would not be deployed.
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
  return at::Device(at::kCUDA, 0);
}

std::uint64_t hash_of(const TrainingTask& task, const Model& start, std::size_t ranks) {
  TrainingOptions options = task.options;
  // Whatever changes no number may differ.
  options.loaders = 1;
  options.checkpoint_every = 1;
  const std::string text = fmt::format("{}{}\n{}\n{}", to_json(options), task.training_data,
                                       task.validation_data, ranks);
  const std::string model = start.proto().SerializeAsString();
  return XXH3_64bits_withSeed(model.data(), model.size(), XXH3_64bits(text.data(), text.size()));
}

}  // namespace octavo
