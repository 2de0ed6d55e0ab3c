// `octavo quantize --run`: what is left behind beside the model, for `octavo report`.
#pragma once

#include <filesystem>
#include <string>

#include "octavo/dataset.h"
#include "octavo/model.h"
#include "octavo/quantize.h"
#include "report/run_folder.h"

namespace octavo::cli {

struct RecordedRun {
  RunFolder& folder;
  const Model& model;                    // the float one, as given
  std::filesystem::path model_path;      // of it
  const Dataset* calibration = nullptr;  // null where there were only statistics
  const Dataset* evaluation = nullptr;   // null: nothing is evaluated
  std::string metric = {};               // that judges; the usual ones are shown beside it
};

// Adds to `options` what makes quantize_model() fill the folder.
void record(const RecordedRun& run, QuantizeOptions& options);

// The model, its plan and, where there are data for it, its evaluation against the float model, in
// the target's runtime if that runs here.
void write_outcome(const RecordedRun& run, const QuantizeOptions& options,
                   const QuantizeResult& result);

inline constexpr const char* kRunModel = "model.int8.onnx";

}  // namespace octavo::cli
