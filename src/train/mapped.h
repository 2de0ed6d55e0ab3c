// Whether octavo-train can run a model.
#pragma once

#include "octavo/model.h"

namespace octavo {

// Throws Error(kUnsupported), naming the first few nodes whose operator, or whose form of it, is
// not mapped to libtorch.
void require_mapped(const Model& model);

}  // namespace octavo
