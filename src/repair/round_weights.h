// The codes of one output channel that change its output least.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

#include "octavo/quantization.h"
#include "repair/code_descent.h"

namespace octavo {

// With v the codes' real values: v^T second v - 2 v^T target, up to a constant the mean squared
// error of the channel's output.
struct RoundingObjective {
  Eigen::MatrixXd second;
  Eigen::MatrixXd inverse_root;  // upper triangle U, U^T U = second^-1; empty: none made
};

// Symmetric positive definite `second`; the root is made for up to 2,048 rows.
RoundingObjective make_objective(Eigen::MatrixXd second);

double objective_value(const RoundingObjective& objective, const Eigen::VectorXd& target,
                       const Eigen::VectorXd& values);

// The codes on both sides of a weight; one code twice where it has one, or lies beyond the last.
CodeSlot neighbours(float weight, ScaleZeroPoint params, CodeRange codes);

// Codes for `weights`, each one of the two neighbours of its weight: AdaRound's choice. Two starts,
// nearest and one in which each weight takes over the errors of those before it (OPTQ), each then
// improved weight by weight until no single change helps; the better one.
// Source: Nagel et al. 2020 (arXiv 2004.10568), equation (13), the objective; Frantar et al. 2022
// (arXiv 2210.17323), algorithm 1, the second start.
std::vector<std::int32_t> round_weights(const RoundingObjective& objective,
                                        const Eigen::VectorXd& target,
                                        std::span<const float> weights, ScaleZeroPoint params,
                                        CodeRange codes);

}  // namespace octavo
