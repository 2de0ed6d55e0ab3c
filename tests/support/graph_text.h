// Models written as text, for tests. The language is print_graph's (src/model/print.h), and more:
//   const w: float32[8,3] = random(1)          uniform in [-1, 1), seed 1
//   const v: float32[8] = random(2, 0.5, 1.5)  uniform in [0.5, 1.5)
//   const e: int64[2] = fill(3)                every element 3
//   # a comment, to the end of the line (outside quotes)
// Declarations and nodes may mix as long as a tensor is made before it is used.
#pragma once

#include <string_view>

#include "octavo/model.h"

namespace octavo::testing {

// The model has IR version 8 (10 from opset 21 on). Throws Error(kInvalidArgument), naming the
// line, for text that is not of the language, and what check_model throws for a graph that is none.
Model parse_graph(std::string_view text);

// The same without check_model: for tests of broken graphs.
Model parse_broken_graph(std::string_view text);

}  // namespace octavo::testing
