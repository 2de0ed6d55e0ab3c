// What is added up of one layer while samples go by.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "octavo/comparison.h"
#include "search/comparison/error_sums.h"

namespace octavo {

class LayerSums {
 public:
  // `params`: of the result's quantizer, one scale; none: it stays float or is not understood.
  LayerSums(ChannelStride stride, std::optional<QuantParams> params);

  void add_exact(const Tensor& exact);
  void add_so_far(std::span<const float> exact, std::span<const float> quantized);
  void add_own(std::span<const float> exact, std::span<const float> quantized);
  // What the layer makes, in float, of its inputs' own errors; what of those before them, where
  // its inputs are made by layers without weights.
  void add_inherited(std::span<const float> exact, std::span<const float> inherited);
  void add_passed_on(std::span<const float> exact, std::span<const float> passed_on);

  // Fills in everything measured that is the layer's alone.
  void finish(LayerComparison& layer) const;
  double magnitude() const;  // the largest
  double inherited_sqnr_db() const { return inherited_.error().sqnr_db; }
  double passed_on_sqnr_db() const { return passed_on_.error().sqnr_db; }

 private:
  ResultQuantizer quantizer(const QuantParams& params) const;

  ChannelStride stride_;
  std::optional<QuantParams> params_;
  ErrorSums so_far_;
  ErrorSums own_;
  ErrorSums inherited_;
  ErrorSums passed_on_;
  ErrorSums rounding_;
  std::vector<double> channel_magnitudes_;
  Range seen_;
  double sum_ = 0;
  double squares_ = 0;
  std::size_t count_ = 0;
  std::size_t clipped_ = 0;
};

}  // namespace octavo
