// Octavo's one exception type. Everything that a user's input can cause arrives as this.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "octavo/export.h"

namespace octavo {

enum class ErrorCode {
  kInvalidArgument,  // an option or a value outside its range
  kNotFound,         // a file, tensor or node that does not exist
  kInvalidModel,     // not ONNX, truncated, or structurally broken
  kUnsupported,      // valid, but beyond what Octavo or the target can do
  kInvalidData,      // calibration or evaluation data that do not fit the model
  kInvalidFile,      // any other file that cannot be understood: profile, recipe, statistics
  kIo,               // the operating system refused
  kRuntime,          // a runtime (executor) failed
};

// "invalid-model" and so on: stable, for --json and for tests.
OCTAVO_API std::string_view to_string(ErrorCode code);

// The message names the file, node or tensor, the value found, and what was expected.
class OCTAVO_API Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace octavo
