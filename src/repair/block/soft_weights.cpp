#include "repair/block/soft_weights.h"

#include <algorithm>
#include <cmath>

#include "core/channel_layout.h"
#include "repair/round_weights.h"

namespace octavo {
namespace {

// h reaches its ends before v is infinite.
constexpr float kStretch = 1.2F;
constexpr float kOffset = -0.1F;
// Of the way from the exact weight to the code that it has.
constexpr double kHeadStart = 0.5;
// h begins inside, where it can still move.
constexpr double kEdge = 0.02;

Tensor tensor_of(const Shape& shape, const Eigen::ArrayXf& values) {
  return Tensor::of<float>(shape, {values.data(), static_cast<std::size_t>(values.size())});
}

double logit(double share) {
  const double sigmoid = (share - static_cast<double>(kOffset)) / static_cast<double>(kStretch);
  return std::log(sigmoid / (1 - sigmoid));
}

}  // namespace

SoftWeights::SoftWeights(const Tensor& exact, const Tensor& rounded, const QuantParams& params)
    : shape_(exact.shape()) {
  const ChannelLayout layout = channel_layout(exact.shape(), params);
  const CodeRange codes = code_range(params.scheme);
  const auto count = static_cast<Eigen::Index>(exact.size());
  low_.resize(count);
  high_.resize(count);
  v_.resize(count);
  for (Eigen::Index i = 0; i < count; ++i) {
    const auto element = static_cast<std::size_t>(i);
    const std::size_t entry = element / layout.inner % layout.channels;
    const CodeSlot slot = neighbours(exact.as<float>()[element],
                                     {params.scale[entry], params.zero_point[entry]}, codes);
    const double low = slot.real(slot.codes.min);
    const double high = slot.real(slot.codes.max);
    const double step = high - low;
    low_[i] = static_cast<float>(low);
    high_[i] = static_cast<float>(high);
    const double own = step > 0 ? (exact.at(element) - low) / step : 0;
    const double taken = step > 0 ? (rounded.at(element) - low) / step : 0;
    const double begin = own + kHeadStart * (std::clamp(taken, 0.0, 1.0) - own);
    v_[i] = static_cast<float>(logit(std::clamp(begin, kEdge, 1 - kEdge)));
  }
}

Tensor SoftWeights::values() const { return tensor_of(shape_, low_ + share() * (high_ - low_)); }

Tensor SoftWeights::rounded() const {
  return tensor_of(shape_, (share() >= 0.5F).select(high_, low_));
}

Eigen::ArrayXf SoftWeights::gradient(const Tensor& gradient) const {
  const auto values = gradient.as<float>();
  const Eigen::Map<const Eigen::ArrayXf> by_weight(values.data(), v_.size());
  return by_weight * (high_ - low_) * share_derivative();
}

Eigen::ArrayXf SoftWeights::regularizer_gradient(float beta) const {
  const Eigen::ArrayXf distance = 2 * share() - 1;
  return -2 * beta * distance.abs().pow(beta - 1) * distance.sign() * share_derivative();
}

Eigen::ArrayXf SoftWeights::sigmoid() const { return 1 / (1 + (-v_).exp()); }

Eigen::ArrayXf SoftWeights::share() const {
  return (kStretch * sigmoid() + kOffset).max(0.0F).min(1.0F);
}

Eigen::ArrayXf SoftWeights::share_derivative() const {
  const Eigen::ArrayXf inner = sigmoid();
  const Eigen::ArrayXf free = kStretch * inner + kOffset;
  return (free > 0 && free < 1).select(kStretch * inner * (1 - inner), 0.0F);
}

}  // namespace octavo
