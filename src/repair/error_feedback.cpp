#include "repair/error_feedback.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace octavo {
namespace {

// Rows whose errors reach the rows behind them together: a product instead of many updates.
constexpr Eigen::Index kBlock = 64;

}  // namespace

std::optional<FeedbackRoot> make_feedback_root(const Eigen::MatrixXd& second, FeedbackOrder order) {
  const Eigen::Index rows = second.rows();
  FeedbackRoot root;
  root.order.resize(static_cast<std::size_t>(rows));
  std::iota(root.order.begin(), root.order.end(), Eigen::Index{0});
  if (order == FeedbackOrder::kLargestFirst) {
    std::stable_sort(root.order.begin(), root.order.end(),
                     [&](auto a, auto b) { return second(a, a) > second(b, b); });
  }
  const Eigen::LLT<Eigen::MatrixXd> factor(second(root.order, root.order));
  if (factor.info() != Eigen::Success) return std::nullopt;
  const Eigen::LLT<Eigen::MatrixXd> inverse(factor.solve(Eigen::MatrixXd::Identity(rows, rows)));
  if (inverse.info() != Eigen::Success) return std::nullopt;
  root.upper = inverse.matrixU();
  return root;
}

Eigen::MatrixXd round_with_feedback(const FeedbackRoot& root, const Eigen::MatrixXd& wanted,
                                    std::span<const CodeSlot> slots) {
  const Eigen::Index rows = wanted.rows();
  const Eigen::Index channels = wanted.cols();
  // One row of the problem is a column here: next to each other in memory.
  Eigen::MatrixXd left = wanted(root.order, Eigen::all).transpose();
  Eigen::MatrixXd values(rows, channels);
  Eigen::MatrixXd errors(channels, kBlock);
  for (Eigen::Index begin = 0; begin < rows; begin += kBlock) {
    const Eigen::Index end = std::min(begin + kBlock, rows);
    for (Eigen::Index k = begin; k < end; ++k) {
      const Eigen::Index row = root.order[static_cast<std::size_t>(k)];
      for (Eigen::Index channel = 0; channel < channels; ++channel) {
        const CodeSlot& slot = slots[static_cast<std::size_t>(channel * rows + row)];
        const double value = slot.real(slot.nearest(left(channel, k)));
        values(row, channel) = value;
        errors(channel, k - begin) = (left(channel, k) - value) / root.upper(k, k);
      }
      left.middleCols(k + 1, end - k - 1).noalias() -=
          errors.col(k - begin) * root.upper.row(k).segment(k + 1, end - k - 1);
    }
    left.rightCols(rows - end).noalias() -=
        errors.leftCols(end - begin) * root.upper.block(begin, end, end - begin, rows - end);
  }
  return values;
}

}  // namespace octavo
