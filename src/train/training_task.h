// What `octavo finetune` hands to octavo-train: a folder with two models and task.json.
//
//   float.onnx   the prepared float model: where weights start, and the teacher of distillation
//   start.onnx   its quantized form: what is trained is this graph, other numbers in the same
//   places task.json    this struct
//
// octavo-train adds checkpoint.npz, training.json (the log) and trained.onnx.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "octavo/quantization.h"
#include "train/training_options.h"

namespace octavo {

// A weight that start.onnx stores as codes. Its type alone does not tell which codes it may use.
struct TrainedWeight {
  std::string node;
  int input = 0;
  bool narrow_range = false;
  int reduced_bits = 0;
  bool operator==(const TrainedWeight&) const = default;
};

// A tensor that carries codes.
struct TrainedActivation {
  std::string tensor;
  std::size_t group = 0;  // those of one group keep one scale and zero point
  enum class Learning : std::uint8_t {
    kNone,
    kScale,
    kScaleAndZeroPoint
  } learning = Learning::kScale;
  bool operator==(const TrainedActivation&) const = default;
};

struct TrainingTask {
  std::string training_data;    // as open_dataset() takes it
  std::string validation_data;  // empty: a part of the training data is kept aside
  std::vector<TrainedWeight> weights;
  std::vector<TrainedActivation> activations;
  TrainingOptions options;
  bool operator==(const TrainingTask&) const = default;
};

inline constexpr const char* kFloatModel = "float.onnx";
inline constexpr const char* kStartModel = "start.onnx";
inline constexpr const char* kTrainedModel = "trained.onnx";
inline constexpr const char* kTaskFile = "task.json";
inline constexpr const char* kCheckpoint = "checkpoint.npz";
inline constexpr const char* kTrainingLog = "training.json";

void write_training_task(const TrainingTask& task, const std::filesystem::path& folder);
// Throws Error(kNotFound, kInvalidFile), naming file and line.
TrainingTask read_training_task(const std::filesystem::path& folder);

}  // namespace octavo
