#include "data/preprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "octavo/error.h"

namespace octavo {
namespace {

// ITU-R 601 luma in PIL's fixed point.
std::uint8_t luma(const std::uint8_t* pixel) {
  return static_cast<std::uint8_t>(
      (pixel[0] * 19595 + pixel[1] * 38470 + pixel[2] * 7471 + 0x8000) >> 16);
}

Tensor image_tensor(const Image& image, ColourOrder colours) {
  const int channels = colours == ColourOrder::kGray ? 1 : kImageChannels;
  Tensor tensor(DType::kUint8, {image.height, image.width, channels});
  auto out = tensor.mutable_as<std::uint8_t>();
  const std::size_t count = static_cast<std::size_t>(image.width) * image.height;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* pixel = &image.pixels[i * kImageChannels];
    if (colours == ColourOrder::kGray) {
      out[i] = luma(pixel);
      continue;
    }
    for (int c = 0; c < kImageChannels; ++c) {
      const int from = colours == ColourOrder::kBgr ? kImageChannels - 1 - c : c;
      out[i * kImageChannels + c] = pixel[from];
    }
  }
  return tensor;
}

double per_channel(const std::vector<double>& values, std::size_t channel) {
  return values.size() == 1 ? values[0] : values[channel];
}

void check_channels(const std::vector<double>& values, std::size_t channels,
                    std::string_view context) {
  if (values.size() == 1 || values.size() == channels) return;
  throw Error(ErrorCode::kInvalidData, fmt::format("{}: {} values of mean or std for {} channels",
                                                   context, values.size(), channels));
}

// ((x / divide) - mean) / std * multiply in float32, as NumPy computes it from a float32 array. The
// last axis holds the channels, unless it belongs to an array that is [channels, height, width].
Tensor map_values(const Tensor& stored, const Preprocessing& steps, std::string_view context) {
  const Shape& shape = stored.shape();
  const std::size_t channels = shape.empty() ? 1 : static_cast<std::size_t>(shape.back());
  check_channels(steps.mean, channels, context);
  check_channels(steps.standard_deviation, channels, context);
  Tensor result = stored.to_float32();
  const auto values = result.mutable_as<float>();
  const auto divide = static_cast<float>(steps.divide);
  const auto multiply = static_cast<float>(steps.multiply);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t channel = i % channels;
    const auto mean = static_cast<float>(per_channel(steps.mean, channel));
    const auto deviation = static_cast<float>(per_channel(steps.standard_deviation, channel));
    values[i] = (values[i] / divide - mean) / deviation * multiply;
  }
  return result;
}

Tensor channels_first(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  const auto channels = static_cast<std::size_t>(shape.back());
  const std::size_t positions = channels == 0 ? 0 : tensor.size() / channels;
  Shape moved = {shape.back()};
  moved.insert(moved.end(), shape.begin(), shape.end() - 1);
  Tensor result(DType::kFloat32, moved);
  const auto from = tensor.as<float>();
  const auto to = result.mutable_as<float>();
  for (std::size_t i = 0; i < positions; ++i) {
    for (std::size_t c = 0; c < channels; ++c) to[c * positions + i] = from[i * channels + c];
  }
  return result;
}

Tensor finish(const Tensor& stored, const Preprocessing& steps, Layout layout,
              std::string_view context) {
  Tensor values = map_values(stored, steps, context);
  if (layout == Layout::kNchw && values.shape().size() == 3) return channels_first(values);
  return values;
}

bool resizes(const Preprocessing& steps) {
  return steps.short_side || steps.exact_size || steps.crop;
}

Image to_image(const Tensor& stored, std::string_view context) {
  const Shape& shape = stored.shape();
  if (stored.dtype() != DType::kUint8 || shape.size() != 3 || shape[2] != kImageChannels) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{}: only uint8 arrays [height, width, 3] can be resized or cropped, "
                            "this one is {}{}",
                            context, traits(stored.dtype()).name, to_string(shape)));
  }
  const auto pixels = stored.as<std::uint8_t>();
  return {static_cast<int>(shape[1]), static_cast<int>(shape[0]), {pixels.begin(), pixels.end()}};
}

}  // namespace

Tensor preprocess(const Image& image, const Preprocessing& steps) {
  Image current = image;
  if (steps.short_side) current = resize_short_side(current, *steps.short_side);
  if (steps.exact_size) {
    current = resize(current, steps.exact_size->second, steps.exact_size->first);
  }
  if (steps.crop) current = center_crop(current, steps.crop->second, steps.crop->first);
  const Layout layout = steps.layout == Layout::kAsStored ? Layout::kNchw : steps.layout;
  return finish(image_tensor(current, steps.colours), steps, layout, "image");
}

Tensor preprocess(const Tensor& stored, const Preprocessing& steps, std::string_view context) {
  if (resizes(steps)) return preprocess(to_image(stored, context), steps);
  return finish(stored, steps, steps.layout, context);
}

}  // namespace octavo
