// Is this a graph at all? Structural checks of a model, apart from any operator's meaning.
#pragma once

#include <string_view>

#include "octavo/model.h"

namespace octavo {

// Throws Error(kInvalidModel), naming the node or tensor, for: no graph, no output, a tensor made
// twice, an input that nothing makes, a cycle or nodes out of order, a repeated initializer, a
// negative or overflowing shape, data that do not fill their shape, a node without an output
// or with too few inputs, an output that nothing makes;
// Error(kUnsupported) for an opset outside kOldestOpset..kNewestOpset. `where` begins the message
// (a file name, a pass's name).
void check_model(const Model& model, std::string_view where);

inline constexpr int kOldestOpset = 7;
inline constexpr int kNewestOpset = 24;

}  // namespace octavo
