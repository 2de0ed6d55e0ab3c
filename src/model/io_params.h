// What the codes of a model's quantized inputs and outputs mean, kept in its metadata_props, so
// that callers need nothing but the file: "octavo.scale.NAME" and "octavo.zero_point.NAME", each
// one number or one a channel (channel_axis()), separated by commas. value = (code - zero_point) *
// scale.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "octavo/model.h"
#include "octavo/tensor.h"

namespace octavo {

struct IoParams {
  std::vector<double> scale;
  // Not whole where codes are pixels, whose mean is not.
  std::vector<double> zero_point;
  bool operator==(const IoParams&) const = default;
};

void set_io_params(onnx::ModelProto& model, std::string_view tensor, const IoParams& params);
// Nothing: the tensor is what it seems. Throws Error(kInvalidModel) for texts that are no numbers.
std::optional<IoParams> io_params(const Model& model, std::string_view tensor);

// Which axis of an image has so many channels: 1, or else the last. Nothing: neither has.
std::optional<std::size_t> channel_axis(const Shape& shape, std::size_t channels);

// round_half_even(value / scale + zero_point), saturated to the type. `values` is float32.
Tensor to_codes(const Tensor& values, DType dtype, const IoParams& params);
// In float32.
Tensor to_values(const Tensor& codes, const IoParams& params);

// The inputs as the float model would have them: float32 where codes stand for numbers.
std::vector<TensorInfo> inputs_in_numbers(const Model& model);

}  // namespace octavo
