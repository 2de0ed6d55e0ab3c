#include "repair/noise_terms.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace octavo {
namespace {

using Eigen::ArrayXd;
using Eigen::ArrayXf;
using Eigen::Index;

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// A channel of zeros: far below all others, and still a number.
constexpr double kLogNothing = -100;

ArrayXd of_channels(const ChannelOwners& owners, const ArrayXf& log_scales) {
  ArrayXd result = ArrayXd::Zero(static_cast<Index>(owners.size()));
  for (std::size_t c = 0; c < owners.size(); ++c) {
    const auto& owner = owners[c];
    if (!owner) continue;
    result[static_cast<Index>(c)] = static_cast<double>(log_scales[static_cast<Index>(*owner)]);
  }
  return result;
}

void add_to_owners(const ChannelOwners& owners, const ArrayXd& of_channels, ArrayXd& gradient) {
  for (std::size_t c = 0; c < owners.size(); ++c) {
    const auto& owner = owners[c];
    if (owner) gradient[static_cast<Index>(*owner)] += of_channels[static_cast<Index>(c)];
  }
}

ArrayXd as_array(const std::vector<double>& values) {
  return Eigen::Map<const ArrayXd>(values.data(), static_cast<Index>(values.size()));
}

ChannelMatrix largest_magnitudes(const LinearNode& layer) {
  return {layer, 0,
          [](double largest, double weight) { return std::max(largest, std::abs(weight)); }};
}

}  // namespace

WeightNoise::WeightNoise(const LinearNode& layer, const LayerOwners& owners,
                         std::vector<double> importance, std::vector<double> mean_squares)
    : owners_(owners),
      magnitudes_(largest_magnitudes(layer)),
      powers_(magnitudes_),
      importance_(std::move(importance)),
      mean_squares_(std::move(mean_squares)) {
  auto& values = magnitudes_.values();
  const double largest = *std::max_element(values.begin(), values.end());
  if (largest == 0) return;
  log_largest_ = std::log(largest);
  for (double& value : values) value /= largest;
  for (double& value : importance_) value *= static_cast<double>(magnitudes_.window());
}

void WeightNoise::set_order(double order) {
  order_ = order;
  std::transform(magnitudes_.values().begin(), magnitudes_.values().end(), powers_.values().begin(),
                 [&](double value) { return std::pow(value, order); });
}

// (sum_oi |w_oi s_o / t_i|^p)^(1/p) is a bilinear form of s^p and t^-p.
WeightNoise::Norm WeightNoise::norm(const ArrayXd& outputs, const ArrayXd& inputs) const {
  const double most = outputs.maxCoeff();
  const double least = inputs.minCoeff();
  const ArrayXd rows = (order_ * (outputs - most)).exp();
  const ArrayXd columns = (-order_ * (inputs - least)).exp();
  Norm result{0, ArrayXd::Zero(rows.size()), ArrayXd::Zero(columns.size())};
  const auto height = static_cast<Index>(powers_.outputs_per_group());
  const auto width = static_cast<Index>(powers_.inputs_per_group());
  for (Index g = 0; g < static_cast<Index>(powers_.groups()); ++g) {
    const Eigen::Map<const RowMajor> block(powers_.values().data() + g * height * width, height,
                                           width);
    const auto top = rows.segment(g * height, height);
    const auto side = columns.segment(g * width, width);
    result.outputs.segment(g * height, height) = top * (block * side.matrix()).array();
    result.inputs.segment(g * width, width) = side * (block.transpose() * top.matrix()).array();
  }
  const double sum = result.outputs.sum();
  if (sum == 0) return result;
  result.outputs /= sum;
  result.inputs /= sum;
  result.log_largest = log_largest_ + most - least + std::log(sum) / order_;
  return result;
}

WeightNoise::Spread WeightNoise::spread(const ArrayXd& outputs, const ArrayXd& inputs) const {
  Spread result{0, as_array(importance_) * (-2 * outputs).exp(),
                as_array(mean_squares_) * (2 * inputs).exp()};
  const auto height = static_cast<Index>(magnitudes_.outputs_per_group());
  const auto width = static_cast<Index>(magnitudes_.inputs_per_group());
  for (Index g = 0; g < static_cast<Index>(magnitudes_.groups()); ++g) {
    auto top = result.outputs.segment(g * height, height);
    auto side = result.inputs.segment(g * width, width);
    const double tops = top.sum();
    const double sides = side.sum();
    result.sum += tops * sides;
    top *= sides;
    side *= tops;
  }
  if (result.sum == 0) return result;
  result.outputs /= result.sum;
  result.inputs /= result.sum;
  return result;
}

double WeightNoise::add(const ArrayXf& log_scales, ArrayXd& gradient) const {
  const ArrayXd outputs = of_channels(owners_.outputs, log_scales);
  const ArrayXd inputs = of_channels(owners_.inputs, log_scales);
  const Norm largest = norm(outputs, inputs);
  const Spread sum = spread(outputs, inputs);
  const double noise = std::exp(2 * largest.log_largest) * sum.sum;
  add_to_owners(owners_.outputs, 2 * noise * (largest.outputs - sum.outputs), gradient);
  add_to_owners(owners_.inputs, 2 * noise * (sum.inputs - largest.inputs), gradient);
  return noise;
}

ActivationNoise::ActivationNoise(const ChannelOwners& owners, const std::vector<double>& largest,
                                 std::vector<double> importance)
    : owners_(owners),
      log_largest_(as_array(largest).log().max(kLogNothing)),
      importance_(std::move(importance)) {}

double ActivationNoise::add(const ArrayXf& log_scales, ArrayXd& gradient) const {
  const ArrayXd scales = of_channels(owners_, log_scales);
  const ArrayXd magnitudes = log_largest_ + scales;
  const double most = magnitudes.maxCoeff();
  const ArrayXd shares = (order_ * (magnitudes - most)).exp();
  const ArrayXd spread = as_array(importance_) * (-2 * scales).exp();
  if (spread.sum() == 0) return 0;
  const double noise = std::exp(2 * (most + std::log(shares.sum()) / order_)) * spread.sum();
  add_to_owners(owners_, 2 * noise * (shares / shares.sum() - spread / spread.sum()), gradient);
  return noise;
}

}  // namespace octavo
