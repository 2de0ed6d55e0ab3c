// What is trained in a quantized graph: weights, biases, and the scales that they and the
// activations are rounded with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "octavo/quantization.h"
#include "train/operators/operator.h"

namespace octavo {

// Activations that keep one scale and zero point. `scale`, `offset` and `zero_point` have shape
// [1].
struct ActivationQuantizer {
  at::Tensor scale;
  at::Tensor offset;  // -zero_point * scale, where it is learned; undefined elsewhere
  at::Tensor fixed_zero_point;
  CodeRange codes;
  double farthest_code = 0;                   // from the zero point, at the start
  std::vector<std::string> scale_names;       // initializers of the graph, all with these numbers
  std::vector<std::string> zero_point_names;  // likewise

  at::Tensor zero_point() const;
  at::Tensor forward(const at::Tensor& x) const;
};

// A weight that the graph stores as codes.
struct WeightQuantizer {
  std::string output;  // the tensor that DequantizeLinear makes of it
  std::string codes_name;
  std::string scale_name;
  Scheme scheme;
  std::optional<int> axis;
  at::Tensor latent;  // the weight itself; what is stored is its codes
  at::Tensor scale;   // [channels] or [1]
  std::vector<std::int32_t> zero_point;

  at::Tensor forward() const;
  QuantParams params() const;
};

// A bias stored as int32 codes in steps of activation scale x weight scale.
struct BiasQuantizer {
  std::string output;
  std::string codes_name;
  std::string scale_name;
  std::optional<int> axis;
  at::Tensor latent;
  at::Tensor activation_scale;  // the very tensor that is trained
  at::Tensor weight_scale;      // likewise

  // As core/bias.h computes it: the product in double, stored in float.
  at::Tensor scale() const;
  at::Tensor forward() const;
  // Widens the weight's scale by the least that keeps the bias in half of int32.
  void keep_in_range() const;
};

// How many codes the farthest one is away from the zero point.
double farthest_from(double zero_point, CodeRange codes);

// Where a weight starts: the float value where it has the stored code, the nearest value that has
// it elsewhere (adaptive rounding chose another code than the nearest, say).
at::Tensor start_within_code(const at::Tensor& value, const at::Tensor& codes,
                             const QuantParams& params);

}  // namespace octavo
