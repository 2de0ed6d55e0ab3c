// Weights between the two codes next to them, while it is learned which one they take.
#pragma once

#include <Eigen/Core>

#include "octavo/quantization.h"
#include "octavo/tensor.h"

namespace octavo {

// One layer's. Weight i is low_i + h_i (high_i - low_i), h = clip(1.2 sigmoid(v) - 0.1, 0, 1), v
// learned. Source: Nagel et al. 2020 (arXiv 2004.10568), equations (22) to (24).
class SoftWeights {
 public:
  // `exact` are the float weights, `rounded` what a rounding before made of them: v begins half way
  // between the two. Integer codes.
  SoftWeights(const Tensor& exact, const Tensor& rounded, const QuantParams& params);

  std::size_t size() const { return static_cast<std::size_t>(v_.size()); }
  const Eigen::ArrayXf& v() const { return v_; }
  Eigen::ArrayXf& v() { return v_; }

  Tensor values() const;
  // Each at its nearer code.
  Tensor rounded() const;
  // By v, of an error whose derivative by the weights is `gradient`.
  Eigen::ArrayXf gradient(const Tensor& gradient) const;
  // By v, of the sum of 1 - |2h - 1|^beta, which draws h to 0 and 1.
  Eigen::ArrayXf regularizer_gradient(float beta) const;

 private:
  Eigen::ArrayXf sigmoid() const;
  Eigen::ArrayXf share() const;  // h
  Eigen::ArrayXf share_derivative() const;

  Shape shape_;
  Eigen::ArrayXf low_;
  Eigen::ArrayXf high_;
  Eigen::ArrayXf v_;
};

}  // namespace octavo
