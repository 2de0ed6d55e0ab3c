// Adam, for parameters that an analytic gradient is known of. Source: Kingma and Ba 2015 (arXiv
// 1412.6980), algorithm 1.
#pragma once

#include <Eigen/Core>
#include <cmath>

namespace octavo {

class Adam {
 public:
  explicit Adam(Eigen::Index count)
      : mean_(Eigen::ArrayXf::Zero(count)), square_(Eigen::ArrayXf::Zero(count)) {}

  void step(const Eigen::ArrayXf& gradient, float rate, Eigen::ArrayXf& parameters) {
    constexpr float kMean = 0.9F;
    constexpr float kSquare = 0.999F;
    constexpr float kTiny = 1e-12F;
    ++steps_;
    mean_ = kMean * mean_ + (1 - kMean) * gradient;
    square_ = kSquare * square_ + (1 - kSquare) * gradient.square();
    const float mean_bias = 1 - std::pow(kMean, static_cast<float>(steps_));
    const float square_bias = 1 - std::pow(kSquare, static_cast<float>(steps_));
    parameters -= rate * (mean_ / mean_bias) / ((square_ / square_bias).sqrt() + kTiny);
  }

 private:
  Eigen::ArrayXf mean_;
  Eigen::ArrayXf square_;
  int steps_ = 0;
};

}  // namespace octavo
