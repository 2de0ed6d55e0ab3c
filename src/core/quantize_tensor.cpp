#include <fmt/format.h>

#include "core/channel_layout.h"
#include "octavo/error.h"
#include "octavo/quantization.h"

namespace octavo {
namespace {

void require_dtype(const Tensor& tensor, DType expected, std::string_view what) {
  if (tensor.dtype() == expected) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{} of type {}; expected {}", what, traits(tensor.dtype()).name,
                          traits(expected).name));
}

// Calls function(index, params) for each element.
template <typename Function>
void for_each_element(const Shape& shape, const QuantParams& params, Function function) {
  const ChannelLayout layout = channel_layout(shape, params);
  std::size_t index = 0;
  for (std::size_t outer = 0; outer < layout.outer; ++outer) {
    for (std::size_t channel = 0; channel < layout.channels; ++channel) {
      const ScaleZeroPoint own = {params.scale[channel], params.zero_point[channel]};
      for (std::size_t inner = 0; inner < layout.inner; ++inner) function(index++, own);
    }
  }
}

}  // namespace

Tensor quantize(const Tensor& values, const QuantParams& params) {
  require_dtype(values, DType::kFloat32, "values to quantize");
  const CodeRange codes = code_range(params.scheme);
  Tensor result(params.scheme.dtype, values.shape());
  const auto encode = traits(params.scheme.dtype).encode;
  for_each_element(values.shape(), params, [&](std::size_t index, ScaleZeroPoint own) {
    encode(result.mutable_bytes().data(), index, quantize(values.as<float>()[index], own, codes));
  });
  return result;
}

Tensor dequantize(const Tensor& codes, const QuantParams& params) {
  require_dtype(codes, params.scheme.dtype, "codes to dequantize");
  code_range(params.scheme);
  Tensor result(DType::kFloat32, codes.shape());
  for_each_element(codes.shape(), params, [&](std::size_t index, ScaleZeroPoint own) {
    result.mutable_as<float>()[index] = dequantize(static_cast<std::int32_t>(codes.at(index)), own);
  });
  return result;
}

Tensor fake_quantize(const Tensor& values, const QuantParams& params) {
  require_dtype(values, DType::kFloat32, "values to quantize");
  const CodeRange codes = code_range(params.scheme);
  Tensor result(DType::kFloat32, values.shape());
  for_each_element(values.shape(), params, [&](std::size_t index, ScaleZeroPoint own) {
    result.mutable_as<float>()[index] =
        dequantize(quantize(values.as<float>()[index], own, codes), own);
  });
  return result;
}

}  // namespace octavo
