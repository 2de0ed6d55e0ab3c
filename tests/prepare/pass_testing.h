// What the tests of preparation passes share: one pass at a time, on graphs written as text.
#pragma once

#include <string>
#include <string_view>

#include "prepare/prepare.h"

namespace octavo::testing {

// Runs no pass but `pass`, with ONNX Runtime to compute constants.
PreparedModel run_only(const Model& model, std::string_view pass, PrepareOptions options = {});

// `before` becomes `after`; a second run changes nothing; and ONNX Runtime computes the same from
// both, to 1e-4 relative, for two draws of random inputs (a free batch is 2, another free dimension
// 48). So it does for each tensor of both, if the pass changes no more than the form.
void expect_pass(std::string_view pass, std::string_view before, std::string_view after);

// The same without running the models, for operators that ONNX Runtime has no kernel for.
void expect_text(std::string_view pass, std::string_view before, std::string_view after);

// The pass leaves `text` as it is. A `reason` that is not empty must be part of what it reports of
// `node`; an empty one means that nothing must be reported.
void expect_refused(std::string_view pass, std::string_view text, std::string_view node,
                    std::string_view reason);
inline void expect_no_match(std::string_view pass, std::string_view text) {
  expect_refused(pass, text, "", "");
}

// Equal outputs of the same names for random inputs, to `tolerance` relative to the largest value.
void expect_same_outputs(const Model& expected, const Model& actual, double tolerance = 1e-4);

}  // namespace octavo::testing
