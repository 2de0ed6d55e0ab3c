// A plain sentence on why a layer loses what it loses, and the flag that would help.
#pragma once

#include <string>

#include "octavo/analysis.h"

namespace octavo {

// The likeliest cause that the layer's figures show; empty: they show none.
std::string sensitivity_hint(const LayerSensitivity& layer);

}  // namespace octavo
