#include "data/preprocess.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <utility>

#include "data/resize_image.h"
#include "octavo/error.h"

namespace octavo {
namespace {

[[noreturn]] void fail(std::string_view context, const std::string& what) {
  throw Error(ErrorCode::kInvalidData, fmt::format("{}: {}", context, what));
}

bool resizes(const Preprocessing& steps) {
  return steps.resize.mode != ResizeMode::kNone || steps.crop;
}

bool treats_images(const Preprocessing& steps) {
  return resizes(steps) || steps.colours || steps.layout;
}

Image resize_and_crop(Image image, const Preprocessing& steps, std::string_view context) {
  ImageSize size = steps.resize.size;
  if (steps.resize.mode == ResizeMode::kCover) {
    size = covering_size({image.height, image.width}, size);
  }
  if (steps.resize.mode != ResizeMode::kNone) image = resize(image, size);
  return steps.crop ? center_crop(image, *steps.crop, context) : image;
}

Tensor to_tensor(const Image& image) {
  return Tensor::of<std::uint8_t>({image.height, image.width, image.channels}, image.pixels);
}

Image to_image(const Tensor& pixels, std::string_view context) {
  const Shape& shape = pixels.shape();
  if (pixels.dtype() != DType::kUint8 || (shape[2] != 1 && shape[2] != 3)) {
    fail(context, fmt::format("only uint8 images of 1 or 3 channels can be resized or cropped, "
                              "this is {}{} (height, width, channels)",
                              traits(pixels.dtype()).name, to_string(shape)));
  }
  const auto values = pixels.as<std::uint8_t>();
  return {static_cast<int>(shape[1]),
          static_cast<int>(shape[0]),
          static_cast<int>(shape[2]),
          {values.begin(), values.end()}};
}

// As [height, width, channels].
Tensor to_channels_last(Tensor stored, Layout layout, std::string_view context) {
  Shape shape = stored.shape();
  if (shape.size() == 2) {
    shape.push_back(1);
    return std::move(stored).reshaped(shape);
  }
  if (shape.size() != 3) {
    fail(context, fmt::format("shape {} is no image: resize, crop, colours and layout need "
                              "[height, width, channels]",
                              to_string(shape)));
  }
  return layout == Layout::kNchw ? channels_last(stored) : std::move(stored);
}

Tensor finish(Tensor pixels, ColourOrder stored_colours, const Preprocessing& steps, Layout layout,
              std::string_view context) {
  if (steps.colours) {
    pixels = convert_colours(pixels, stored_colours, *steps.colours, context);
  }
  pixels = map_values(std::move(pixels), steps.values, context);
  return layout == Layout::kNchw ? channels_first(pixels) : pixels;
}

}  // namespace

Tensor preprocess(const Image& image, const Preprocessing& steps, std::string_view context) {
  return finish(to_tensor(resize_and_crop(image, steps, context)), ColourOrder::kRgb, steps,
                steps.layout.value_or(Layout::kNchw), context);
}

Tensor preprocess(Tensor stored, const StoredForm& form, const Preprocessing& steps,
                  std::string_view context) {
  const bool is_image = treats_images(steps) || form.layout == Layout::kNchw;
  if (!is_image) return map_values(std::move(stored), steps.values, context);
  Tensor pixels = to_channels_last(std::move(stored), form.layout, context);
  if (resizes(steps))
    pixels = to_tensor(resize_and_crop(to_image(pixels, context), steps, context));
  return finish(std::move(pixels), form.colours, steps, steps.layout.value_or(form.layout),
                context);
}

}  // namespace octavo
