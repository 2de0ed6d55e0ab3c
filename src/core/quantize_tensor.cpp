#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/channel_layout.h"
#include "core/kernels/code_kernels.h"
#include "octavo/error.h"
#include "octavo/quantization.h"

namespace octavo {
namespace {

// Below this many elements a slice, starting the kernel anew for each costs more than giving it a
// scale for each element.
constexpr std::size_t kShortSlice = 64;

void require_dtype(const Tensor& tensor, DType expected, std::string_view what) {
  if (tensor.dtype() == expected) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{} of type {}; expected {}", what, traits(tensor.dtype()).name,
                          traits(expected).name));
}

template <typename T>
std::vector<T> repeat_each(const std::vector<T>& entries, std::size_t times) {
  std::vector<T> repeated;
  repeated.reserve(entries.size() * times);
  for (const T& entry : entries) repeated.insert(repeated.end(), times, entry);
  return repeated;
}

// Blocks along the last axis share one scale; along another one, the elements of a row have one
// each.
template <typename Run>
void for_each_run_in_blocks(const ChannelLayout& layout, const QuantParams& params, Run run) {
  const std::span<const float> scale = params.scale;
  const std::span<const std::int32_t> zero_point = params.zero_point;
  for (std::size_t outer = 0; outer < layout.outer; ++outer) {
    for (std::size_t block = 0; block < layout.blocks(); ++block) {
      const std::size_t entry = (outer * layout.blocks() + block) * layout.inner;
      const RunParams run_params{scale.subspan(entry, layout.inner),
                                 zero_point.subspan(entry, layout.inner)};
      const std::size_t begin = block * layout.block;
      const std::size_t end = std::min(begin + layout.block, layout.channels);
      const std::size_t first = (outer * layout.channels + begin) * layout.inner;
      if (layout.inner == 1) {
        run(first, end - begin, run_params);
        continue;
      }
      for (std::size_t channel = 0; channel < end - begin; ++channel) {
        run(first + channel * layout.inner, layout.inner, run_params);
      }
    }
  }
}

// Calls run(first, count, params) for runs of elements that a kernel takes in one call.
template <typename Run>
void for_each_run(const ChannelLayout& layout, const QuantParams& params, Run run) {
  if (layout.block > 0) return for_each_run_in_blocks(layout, params, run);
  const std::size_t row = layout.channels * layout.inner;
  if (layout.channels > 1 && layout.inner < kShortSlice) {
    const std::vector<float> scale = repeat_each(params.scale, layout.inner);
    const std::vector<std::int32_t> zero_point = repeat_each(params.zero_point, layout.inner);
    for (std::size_t outer = 0; outer < layout.outer; ++outer) {
      run(outer * row, row, RunParams{scale, zero_point});
    }
    return;
  }
  for (std::size_t slice = 0; slice < layout.outer * layout.channels; ++slice) {
    const std::size_t channel = slice % layout.channels;
    run(slice * layout.inner, layout.inner,
        RunParams{{&params.scale[channel], 1}, {&params.zero_point[channel], 1}});
  }
}

}  // namespace

Tensor quantize(const Tensor& values, const QuantParams& params) {
  require_dtype(values, DType::kFloat32, "values to quantize");
  const CodeRange range = code_range(params.scheme);
  const CodeKernels& kernels = code_kernels(params.scheme.dtype);
  const ChannelLayout layout = channel_layout(values.shape(), params);
  Tensor result(params.scheme.dtype, values.shape());
  const auto source = values.as<float>();
  const auto target = result.mutable_bytes();
  for_each_run(
      layout, params, [&](std::size_t first, std::size_t count, const RunParams& run_params) {
        kernels.quantize(source.subspan(first, count), run_params, range, target.data(), first);
      });
  return result;
}

Tensor dequantize(const Tensor& codes, const QuantParams& params) {
  require_dtype(codes, params.scheme.dtype, "codes to dequantize");
  code_range(params.scheme);
  const CodeKernels& kernels = code_kernels(params.scheme.dtype);
  const ChannelLayout layout = channel_layout(codes.shape(), params);
  Tensor result(DType::kFloat32, codes.shape());
  const auto source = codes.bytes();
  const auto target = result.mutable_as<float>();
  for_each_run(layout, params,
               [&](std::size_t first, std::size_t count, const RunParams& run_params) {
                 kernels.dequantize(source.data(), first, run_params, target.subspan(first, count));
               });
  return result;
}

Tensor fake_quantize(const Tensor& values, const QuantParams& params) {
  require_dtype(values, DType::kFloat32, "values to quantize");
  const CodeRange range = code_range(params.scheme);
  const CodeKernels& kernels = code_kernels(params.scheme.dtype);
  const ChannelLayout layout = channel_layout(values.shape(), params);
  Tensor result(DType::kFloat32, values.shape());
  const auto source = values.as<float>();
  const auto target = result.mutable_as<float>();
  for_each_run(layout, params,
               [&](std::size_t first, std::size_t count, const RunParams& run_params) {
                 kernels.fake_quantize(source.subspan(first, count), run_params, range,
                                       target.subspan(first, count));
               });
  return result;
}

}  // namespace octavo
