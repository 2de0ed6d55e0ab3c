#include "data/channels.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include "octavo/error.h"

namespace octavo {
namespace {

constexpr std::int64_t kColourChannels = 3;

[[noreturn]] void fail(std::string_view context, const std::string& what) {
  throw Error(ErrorCode::kInvalidData, fmt::format("{}: {}", context, what));
}

// A matrix of `rows` x `columns` elements into its transpose.
template <std::size_t kElementBytes>
void transpose_elements(const std::byte* from, std::size_t rows, std::size_t columns,
                        std::byte* to) {
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < rows; ++row) {
      std::memcpy(to, from + (row * columns + column) * kElementBytes, kElementBytes);
      to += kElementBytes;
    }
  }
}

Tensor transpose(const Tensor& matrix, std::size_t rows, std::size_t columns, Shape shape) {
  using Transpose = void (*)(const std::byte*, std::size_t, std::size_t, std::byte*);
  static constexpr std::array<std::pair<int, Transpose>, 4> kByBits = {{
      {8, transpose_elements<1>},
      {16, transpose_elements<2>},
      {32, transpose_elements<4>},
      {64, transpose_elements<8>},
  }};
  Tensor result(matrix.dtype(), std::move(shape));
  for (const auto& [bits, function] : kByBits) {
    if (bits != traits(matrix.dtype()).bits) continue;
    function(matrix.bytes().data(), rows, columns, result.mutable_bytes().data());
    return result;
  }
  throw Error(ErrorCode::kUnsupported,
              fmt::format("images of {} elements", traits(matrix.dtype()).name));
}

// Pixel by pixel: `channels[i]` of the old pixel becomes channel i of the new one.
Tensor pick_channels(const Tensor& pixels, std::array<std::size_t, kColourChannels> channels) {
  const Shape& shape = pixels.shape();
  const std::size_t element_bytes = traits(pixels.dtype()).bytes(1);
  const std::size_t pixel_bytes = static_cast<std::size_t>(shape[2]) * element_bytes;
  Tensor result(pixels.dtype(), {shape[0], shape[1], kColourChannels});
  const std::byte* from = pixels.bytes().data();
  std::byte* to = result.mutable_bytes().data();
  for (std::int64_t i = 0; i < shape[0] * shape[1]; ++i, from += pixel_bytes) {
    for (const std::size_t channel : channels) {
      std::memcpy(to, from + channel * element_bytes, element_bytes);
      to += element_bytes;
    }
  }
  return result;
}

// ITU-R 601 luma in PIL's fixed point.
Tensor to_gray(const Tensor& pixels, ColourOrder from, std::string_view context) {
  if (pixels.dtype() != DType::kUint8) {
    fail(context, fmt::format("colours: only uint8 images can become gray, this is {}",
                              traits(pixels.dtype()).name));
  }
  const Shape& shape = pixels.shape();
  Tensor result(DType::kUint8, {shape[0], shape[1], 1});
  const std::size_t red = from == ColourOrder::kBgr ? 2 : 0;
  const std::uint8_t* pixel = pixels.as<std::uint8_t>().data();
  for (std::uint8_t& gray : result.mutable_as<std::uint8_t>()) {
    gray = static_cast<std::uint8_t>(
        (pixel[red] * 19595 + pixel[1] * 38470 + pixel[2 - red] * 7471 + 0x8000) >> 16);
    pixel += kColourChannels;
  }
  return result;
}

}  // namespace

Tensor channels_first(const Tensor& pixels) {
  const Shape& shape = pixels.shape();
  return transpose(pixels, shape[0] * shape[1], shape[2], {shape[2], shape[0], shape[1]});
}

Tensor channels_last(const Tensor& planes) {
  const Shape& shape = planes.shape();
  return transpose(planes, shape[0], shape[1] * shape[2], {shape[1], shape[2], shape[0]});
}

Tensor convert_colours(const Tensor& pixels, ColourOrder from, ColourOrder to,
                       std::string_view context) {
  const std::int64_t channels = pixels.shape()[2];
  if (channels == 1) return to == ColourOrder::kGray ? pixels : pick_channels(pixels, {0, 0, 0});
  if (channels != kColourChannels) {
    fail(context, fmt::format("colours: {} channels, expected 1 or 3", channels));
  }
  if (to == ColourOrder::kGray) return to_gray(pixels, from, context);
  return from == to ? pixels : pick_channels(pixels, {2, 1, 0});
}

}  // namespace octavo
