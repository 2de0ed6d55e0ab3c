#include "core/channel_layout.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "octavo/error.h"

namespace octavo {
namespace {

void require_usable(const QuantParams& params, std::size_t channel, std::string_view what) {
  const float scale = params.scale[channel];
  if (!std::isfinite(scale) || scale <= 0) {
    throw Error(
        ErrorCode::kInvalidArgument,
        fmt::format("scale {} of {} {}; expected a finite positive number", scale, what, channel));
  }
  const DTypeTraits& type = traits(params.scheme.dtype);
  const std::int32_t zero_point = params.zero_point[channel];
  if (zero_point < type.lowest || zero_point > type.highest) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("zero point {} of {} {}; expected a code of {}, {} to {}", zero_point,
                            what, channel, type.name, type.lowest, type.highest));
  }
}

}  // namespace

ChannelLayout channel_layout(const Shape& shape, std::optional<int> axis, std::int64_t block_size) {
  if (block_size < 0 || (block_size > 0 && !axis)) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("block size {} {}; expected 0, or a positive number along an axis",
                            block_size, axis ? "along an axis" : "without an axis"));
  }
  if (!axis) return {.inner = element_count(shape)};
  const auto rank = static_cast<int>(shape.size());
  if (*axis < -rank || *axis >= rank) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("axis {} of a tensor of shape {}; expected {} to {}", *axis,
                            to_string(shape), -rank, rank - 1));
  }
  const auto position = shape.begin() + (*axis < 0 ? *axis + rank : *axis);
  return {.outer = element_count({shape.begin(), position}),
          .channels = static_cast<std::size_t>(*position),
          .inner = element_count({position + 1, shape.end()}),
          .block = static_cast<std::size_t>(block_size)};
}

ChannelLayout channel_layout(const Shape& shape, const QuantParams& params) {
  const ChannelLayout layout = channel_layout(shape, params.axis, params.block_size);
  const std::size_t expected = layout.scales();
  if (params.scale.size() != expected || params.zero_point.size() != expected) {
    throw Error(
        ErrorCode::kInvalidArgument,
        fmt::format("{} scales and {} zero points for a tensor of shape {}; expected {} of "
                    "each",
                    params.scale.size(), params.zero_point.size(), to_string(shape), expected));
  }
  const std::string_view what = layout.block == 0 ? "channel" : "block";
  for (std::size_t entry = 0; entry < expected; ++entry) require_usable(params, entry, what);
  return layout;
}

Shape scale_shape(const Shape& shape, std::optional<int> axis, std::int64_t block_size) {
  const ChannelLayout layout = channel_layout(shape, axis, block_size);
  if (!axis) return {};
  if (layout.block == 0) return {static_cast<std::int64_t>(layout.channels)};
  Shape result = shape;
  const std::size_t position = *axis < 0 ? *axis + shape.size() : static_cast<std::size_t>(*axis);
  result[position] = static_cast<std::int64_t>(layout.blocks());
  return result;
}

}  // namespace octavo
