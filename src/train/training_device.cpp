#include "train/training_device.h"

#include <ATen/DeviceAccelerator.h>
#include <fmt/format.h>
#include <xxhash.h>

#include <optional>
#include <string>

#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

namespace {

std::optional<at::Device> parse_device(const std::string& word) {
  try {
    at::Device device(word);
    if (device.is_cpu()) return at::kCPU;
    if (!at::isAccelerator(device.type())) return std::nullopt;
    if (!device.has_index()) device.set_index(0);
    return device;
  } catch (const c10::Error&) {
    return std::nullopt;
  }
}

}  // namespace

at::Device training_device(const TrainingOptions& options) {
  const std::optional<at::Device> device = parse_device(options.device);
  if (!device) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("device '{}', expected cpu, cuda or cuda:N", options.device));
  }
  if (device->is_cpu()) return *device;
  const auto& accelerator = at::globalContext().getAcceleratorHooksInterface(device->type());
  if (!accelerator.isAvailable() || device->index() >= accelerator.deviceCount()) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("device {}: this libtorch sees none such; octavo-train must be built "
                            "against one with CUDA",
                            options.device));
  }
  // Rounding falls otherwise with the 10 bits of TF32: what is simulated would not be deployed.
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
  return *device;
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
