// Keeps a runtime from fusing an addition into the operator that reads it.
//
//   s = Add(a, b)                        s = Sum(a, b)
//   y = LayerNormalization(s, g, h)  =>  y = LayerNormalization(s, g, h)
//
// ONNX Runtime 1.31 makes SkipLayerNormalization of the left form, whose kernel on the CPU takes
// several times what the two operators take. Sum adds the same numbers, and is not looked for.
#pragma once

#include <span>
#include <string>

#include "octavo/model.h"

namespace octavo {

// Every Add whose result one of `readers`, operator types, normalizes: its first input. The same
// model where there is none.
Model with_additions_apart(Model model, std::span<const std::string> readers);

}  // namespace octavo
