// ONNX's own test data: folders test_data_set_0, test_data_set_1, ... with input_0.pb and so on.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "data/data_recipe.h"
#include "octavo/dataset.h"

namespace octavo {

bool has_test_data_sets(const std::filesystem::path& folder);

// The source is one such set, or holds several. Tensors are fed as they are stored: of the recipe
// only `select` and `label_offset` apply. output_0.pb is a label where it is one whole number, in
// every set. Throws Error(kInvalidData) naming the file.
std::unique_ptr<Dataset> open_test_data_sets(const DataRecipe& recipe,
                                             std::span<const TensorInfo> model_inputs);

}  // namespace octavo
