// Codes of one output channel, improved one at a time.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

#include "octavo/quantization.h"

namespace octavo {

// The codes that one weight may take.
struct CodeSlot {
  ScaleZeroPoint params;
  CodeRange codes;

  std::int32_t nearest(double value) const {
    return quantize(static_cast<float>(value), params, codes);
  }
  double real(std::int32_t code) const { return static_cast<double>(dequantize(code, params)); }
};

// The real values of `codes`.
Eigen::VectorXd reals(std::span<const CodeSlot> slots, std::span<const std::int32_t> codes);

// Coordinate descent on v^T second v - 2 v^T target, v the real values of `codes`: each code in
// turn becomes the best one that its slot has, until no single change helps. `gradient` is half of
// that at `codes`: second v - target.
std::vector<std::int32_t> descend(const Eigen::MatrixXd& second, Eigen::VectorXd gradient,
                                  std::span<const CodeSlot> slots, std::vector<std::int32_t> codes);

}  // namespace octavo
