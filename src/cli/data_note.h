// What a newcomer should know of the data that a flag names.
#pragma once

#include <span>
#include <string>

#include "octavo/tensor.h"

namespace octavo::cli {

// On stderr, where `path` is a bare folder of images and the model takes floats: what becomes of
// their pixels, because most models were trained on something else. Nothing for other data.
void print_data_note(const std::string& path, std::span<const TensorInfo> model_inputs);

}  // namespace octavo::cli
