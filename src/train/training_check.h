// Whether a training can begin, before the work that makes what it begins with.
#pragma once

#include <filesystem>

namespace octavo {

// Reads float.onnx, task.json (whose weights and activations may still be missing) and the data
// that it names. Throws Error as train() would: for an operator, a loss, a device, a precision, a
// teacher or features that there are not, for data without samples or labels that a loss needs, and
// for samples that are no images where they are to be varied.
void check_training(const std::filesystem::path& folder);

}  // namespace octavo
