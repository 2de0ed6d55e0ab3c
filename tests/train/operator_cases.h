// A small graph for every mapped operator, and for the forms of it that are mapped.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "octavo/model.h"
#include "octavo/tensor.h"

namespace octavo::testing {

struct OperatorCase {
  int opset;
  // Inputs are float32; the result is called y.
  const char* text;
};

// Both lists, one after the other.
std::span<const OperatorCase> operator_cases();
std::span<const OperatorCase> computing_cases();
std::span<const OperatorCase> moving_cases();

Model model_of(const OperatorCase& tested);
// The operator of the last node, and the case's number.
std::string name_of(const OperatorCase& tested, std::size_t index);

// Noise of -2..2.
Tensor noise(const Shape& shape, std::uint32_t seed);

}  // namespace octavo::testing
