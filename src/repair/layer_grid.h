// A layer's weights as the matrix that its windows are multiplied with, each with its scale.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "octavo/quantization.h"
#include "prepare/linear_node.h"
#include "repair/code_descent.h"

namespace octavo {

// Which of the scales of `params` each element of a tensor of that shape has.
std::vector<std::size_t> scale_entries(const Shape& shape, const QuantParams& params);

class LayerGrid {
 public:
  LayerGrid(const LinearNode& layer, const QuantParams& params);

  Eigen::Index rows() const { return weights_.rows(); }
  Eigen::Index channels() const { return weights_.cols(); }
  // One column an output channel, in the order of its weights' elements.
  const Eigen::MatrixXd& weights() const { return weights_; }
  // Which of the scales weight `row` of `channel` has.
  std::size_t entry(Eigen::Index row, Eigen::Index channel) const {
    return entries_[element(row, channel)];
  }
  CodeSlot slot(Eigen::Index row, Eigen::Index channel) const;
  // The codes that are nearest to the weights, as real values.
  Eigen::MatrixXd nearest() const;
  // `values`, of the shape of weights(), laid out as the weights were.
  Tensor tensor(const Eigen::MatrixXd& values) const;

 private:
  std::size_t element(Eigen::Index row, Eigen::Index channel) const {
    return elements_[static_cast<std::size_t>(channel * weights_.rows() + row)];
  }

  QuantParams params_;
  CodeRange codes_;
  Shape shape_;
  Eigen::MatrixXd weights_;
  std::vector<std::size_t> elements_;  // of the tensor, in the order of `weights_`
  std::vector<std::size_t> entries_;   // by element
};

}  // namespace octavo
