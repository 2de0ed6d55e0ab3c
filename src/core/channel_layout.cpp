#include "core/channel_layout.h"

#include <fmt/format.h>

#include <cmath>

#include "octavo/error.h"

namespace octavo {
namespace {

ChannelLayout split_at_axis(const Shape& shape, std::optional<int> axis) {
  if (!axis) return {.inner = element_count(shape)};
  const auto rank = static_cast<int>(shape.size());
  if (*axis < -rank || *axis >= rank) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("axis {} of a tensor of shape {}; expected {} to {}", *axis,
                            to_string(shape), -rank, rank - 1));
  }
  const auto split = shape.begin() + (*axis < 0 ? *axis + rank : *axis);
  return {.outer = element_count({shape.begin(), split}),
          .channels = static_cast<std::size_t>(*split),
          .inner = element_count({split + 1, shape.end()})};
}

void require_usable(const QuantParams& params, std::size_t channel) {
  const float scale = params.scale[channel];
  if (!std::isfinite(scale) || scale <= 0) {
    throw Error(
        ErrorCode::kInvalidArgument,
        fmt::format("scale {} of channel {}; expected a finite positive number", scale, channel));
  }
  const DTypeTraits& type = traits(params.scheme.dtype);
  const std::int32_t zero_point = params.zero_point[channel];
  if (zero_point < type.lowest || zero_point > type.highest) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("zero point {} of channel {}; expected a code of {}, {} to {}",
                            zero_point, channel, type.name, type.lowest, type.highest));
  }
}

}  // namespace

ChannelLayout channel_layout(const Shape& shape, const QuantParams& params) {
  const ChannelLayout layout = split_at_axis(shape, params.axis);
  if (params.scale.size() != layout.channels || params.zero_point.size() != layout.channels) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{} scales and {} zero points for a tensor of shape {}; expected {} of "
                            "each",
                            params.scale.size(), params.zero_point.size(), to_string(shape),
                            layout.channels));
  }
  for (std::size_t channel = 0; channel < layout.channels; ++channel) {
    require_usable(params, channel);
  }
  return layout;
}

}  // namespace octavo
