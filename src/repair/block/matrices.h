// Tensors seen as matrices.
#pragma once

#include <Eigen/Core>

#include "octavo/tensor.h"

namespace octavo {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixMap = Eigen::Map<RowMatrix>;
using ConstMatrixMap = Eigen::Map<const RowMatrix>;

// The last dimension has the columns, all others together the rows.
inline ConstMatrixMap matrix_of(const Tensor& tensor) {
  const auto columns = static_cast<Eigen::Index>(tensor.shape().back());
  const auto values = tensor.as<float>();
  return {values.data(), static_cast<Eigen::Index>(values.size()) / columns, columns};
}

inline MatrixMap mutable_matrix_of(Tensor& tensor) {
  const auto columns = static_cast<Eigen::Index>(tensor.shape().back());
  const auto values = tensor.mutable_as<float>();
  return {values.data(), static_cast<Eigen::Index>(values.size()) / columns, columns};
}

}  // namespace octavo
