// Exit codes: stable, so that scripts can tell what went wrong.
#pragma once

#include "octavo/error.h"

namespace octavo::cli {

inline constexpr int kUsageError = 2;
inline constexpr int kOutOfMemory = 11;
inline constexpr int kInternalError = 12;
// The model is written, and is the best one found; --max-drop, --min-accuracy or --max-latency does
// not hold.
inline constexpr int kBudgetNotMet = 13;

// 3 invalid argument, 4 not found, 5 invalid model, 6 unsupported, 7 invalid data, 8 invalid file,
// 9 input/output, 10 runtime failure.
inline int exit_code(ErrorCode code) { return 3 + static_cast<int>(code); }

}  // namespace octavo::cli
