// ONNX's own tests, which scripts/setup unpacks: a folder each, with a model, inputs and outputs.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "octavo/tensor.h"

namespace octavo::testing {

// In the order of their names; `suite` is "node", "pytorch-operator", "pytorch-converted" or
// "simple". None where nothing was unpacked.
std::vector<std::filesystem::path> onnx_test_folders(std::string_view suite);

// `what` is "input" or "output". Throws Error for what is no tensor that Octavo reads.
std::vector<Tensor> onnx_test_tensors(const std::filesystem::path& folder, std::string_view what);

}  // namespace octavo::testing
