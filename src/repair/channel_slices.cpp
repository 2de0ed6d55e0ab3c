#include "repair/channel_slices.h"

#include <fmt/format.h>

#include "octavo/error.h"

namespace octavo {
namespace {

int channel_axis(const TensorView& view, const ChannelTensor& tensor) {
  if (view.dtype != DType::kFloat32) {
    throw Error(ErrorCode::kUnsupported, fmt::format("tensor '{}' is {}, expected float32",
                                                     tensor.tensor, traits(view.dtype).name));
  }
  const int rank = static_cast<int>(view.shape.size());
  const int axis = tensor.axis < 0 ? tensor.axis + rank : tensor.axis;
  if (axis >= 0 && axis < rank) return axis;
  throw Error(ErrorCode::kUnsupported,
              fmt::format("tensor '{}' has shape {}, expected channels on axis {}", tensor.tensor,
                          to_string(view.shape), tensor.axis));
}

}  // namespace

std::size_t for_each_channel_slice(
    const TensorView& view, const ChannelTensor& tensor,
    const std::function<void(std::size_t channel, std::span<const float> values)>& visit) {
  const int axis = channel_axis(view, tensor);
  const auto channels = static_cast<std::size_t>(view.shape[axis]);
  const std::size_t inner = element_count({view.shape.begin() + axis + 1, view.shape.end()});
  const std::span values(reinterpret_cast<const float*>(view.bytes.data()),
                         view.bytes.size() / sizeof(float));
  for (std::size_t i = 0; i < values.size(); i += inner) {
    visit(i / inner % channels, values.subspan(i, inner));
  }
  return channels;
}

}  // namespace octavo
