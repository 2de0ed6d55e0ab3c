// Rounds the weights of many output channels one after the other; what one weight is off by, those
// after it make up for as well as they can.
//
//   for k in order:  q_k = nearest(w_k),   w_j -= (w_k - q_k) / U_kk * U_kj  for all j after k
//
// with U^T U = second^-1, U upper triangular. Source: Frantar et al. 2022 (GPTQ, arXiv 2210.17323),
// algorithm 1: the Cholesky form (section 3.3, step 3), updates put off until a block of weights is
// done (step 2).
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "repair/code_descent.h"

namespace octavo {

enum class FeedbackOrder : std::uint8_t {
  kAsStored,
  kLargestFirst,  // by falling second moment of the input: those that matter most are first, while
                  // all others can still make up for them ("act-order")
};

struct FeedbackRoot {
  Eigen::MatrixXd upper;            // U, of the rows in this order
  std::vector<Eigen::Index> order;  // of the rows
};

// Nothing if `second`, symmetric, is not positive definite.
std::optional<FeedbackRoot> make_feedback_root(const Eigen::MatrixXd& second, FeedbackOrder order);

// The real values of the codes; `wanted` (rows x channels) are the best real weights. `slots` has
// one entry a weight, channel by channel.
Eigen::MatrixXd round_with_feedback(const FeedbackRoot& root, const Eigen::MatrixXd& wanted,
                                    std::span<const CodeSlot> slots);

}  // namespace octavo
