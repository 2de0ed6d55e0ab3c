#include "train/augmentation.h"

#include <fmt/format.h>

#include <cstring>

#include "octavo/error.h"

namespace octavo {
namespace {

constexpr std::int64_t kMostChannels = 4;

// Rows of pixels: `planes` images of `height` x `width` pixels of `pixel` bytes.
struct Planes {
  std::int64_t planes = 1;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::size_t pixel = 0;

  std::size_t offset(std::int64_t plane, std::int64_t row, std::int64_t column) const {
    return static_cast<std::size_t>((plane * height + row) * width + column) * pixel;
  }
};

Planes planes_of(const Tensor& image, ImageLayout layout) {
  const Shape& shape = image.shape();
  const std::size_t element = traits(image.dtype()).bytes(1);
  if (layout == ImageLayout::kChannelsFirst) return {shape[1], shape[2], shape[3], element};
  return {1, shape[1], shape[2], element * static_cast<std::size_t>(shape[3])};
}

}  // namespace

ImageLayout image_layout(const TensorInfo& input) {
  const Shape& shape = input.shape;
  if (shape.size() == 4) {
    const auto channels = [&](std::size_t axis) {
      return shape[axis] > 0 && shape[axis] <= kMostChannels;
    };
    if (channels(1) && !channels(3)) return ImageLayout::kChannelsFirst;
    if (channels(3) && !channels(1)) return ImageLayout::kChannelsLast;
  }
  throw Error(
      ErrorCode::kInvalidArgument,
      fmt::format("input '{}' of shape {} is no image: crop, flip and a mirrored teacher expect "
                  "[N, C, H, W] or [N, H, W, C] with up to {} channels",
                  input.name, to_string(shape), kMostChannels));
}

Tensor shifted(const Tensor& image, ImageLayout layout, const ImageShift& shift) {
  const Planes planes = planes_of(image, layout);
  Tensor result(image.dtype(), image.shape());
  const std::byte* source = image.bytes().data();
  std::byte* target = result.mutable_bytes().data();
  for (std::int64_t plane = 0; plane < planes.planes; ++plane) {
    for (std::int64_t row = 0; row < planes.height; ++row) {
      const std::int64_t from_row = row - shift.down;
      if (from_row < 0 || from_row >= planes.height) continue;
      for (std::int64_t column = 0; column < planes.width; ++column) {
        const std::int64_t unmirrored = shift.mirrored ? planes.width - 1 - column : column;
        const std::int64_t from_column = unmirrored - shift.right;
        if (from_column < 0 || from_column >= planes.width) continue;
        std::memcpy(target + planes.offset(plane, row, column),
                    source + planes.offset(plane, from_row, from_column), planes.pixel);
      }
    }
  }
  return result;
}

}  // namespace octavo
