// ONNX's own test data: folders test_data_set_0, test_data_set_1, ... with input_0.pb and so on.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "octavo/dataset.h"

namespace octavo {

bool has_test_data_sets(const std::filesystem::path& folder);

// `folder` is one such set, or holds several. No labels. Throws Error(kInvalidData) naming the
// file.
std::unique_ptr<Dataset> open_test_data_sets(const std::filesystem::path& folder,
                                             std::span<const TensorInfo> model_inputs);

}  // namespace octavo
