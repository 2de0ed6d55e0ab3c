// The noise that one tensor's rounding makes, as a function of the logarithms of the classes'
// scales, with its gradient. balance_noise.h has the formulas.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "repair/channel_importance.h"
#include "repair/channel_matrix.h"

namespace octavo {

// All numbers of noise are in units of 1 / (12 * 127^2).
class WeightNoise {
 public:
  // `importance`: of the layer's output channels; `mean_squares`: of its input channels.
  WeightNoise(const LinearNode& layer, const LayerOwners& owners, std::vector<double> importance,
              std::vector<double> mean_squares);

  // The maximum becomes the norm of this order.
  void set_order(double order);
  // The noise; adds its gradient to `gradient`.
  double add(const Eigen::ArrayXf& log_scales, Eigen::ArrayXd& gradient) const;

 private:
  struct Norm {
    double log_largest = 0;
    Eigen::ArrayXd outputs;  // what each channel has in it: 1 altogether
    Eigen::ArrayXd inputs;
  };
  struct Spread {
    double sum = 0;
    Eigen::ArrayXd outputs;  // what each channel has in it: 1 altogether
    Eigen::ArrayXd inputs;
  };
  Norm norm(const Eigen::ArrayXd& outputs, const Eigen::ArrayXd& inputs) const;
  Spread spread(const Eigen::ArrayXd& outputs, const Eigen::ArrayXd& inputs) const;

  const LayerOwners& owners_;
  ChannelMatrix magnitudes_;  // the largest is 1
  ChannelMatrix powers_;      // of them, of the norm's order
  double log_largest_ = 0;
  double order_ = 1;
  std::vector<double> importance_;
  std::vector<double> mean_squares_;
};

class ActivationNoise {
 public:
  // `largest`: the magnitude of each channel; `importance`: of noise on it.
  ActivationNoise(const ChannelOwners& owners, const std::vector<double>& largest,
                  std::vector<double> importance);

  void set_order(double order) { order_ = order; }
  double add(const Eigen::ArrayXf& log_scales, Eigen::ArrayXd& gradient) const;

 private:
  const ChannelOwners& owners_;
  Eigen::ArrayXd log_largest_;
  double order_ = 1;
  std::vector<double> importance_;
};

}  // namespace octavo
