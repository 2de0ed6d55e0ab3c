// A stored sample turned into what the model takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "data/channels.h"
#include "data/image.h"
#include "data/value_map.h"
#include "octavo/tensor.h"

namespace octavo {

enum class ResizeMode : std::uint8_t {
  kNone,
  kExact,  // to the size, whatever the ratio
  kCover,  // keeps the ratio, until the image covers the size
};

struct Resize {
  ResizeMode mode = ResizeMode::kNone;
  ImageSize size = {};
  bool operator==(const Resize&) const = default;
};

// Always in this order: resize, crop, colours, values, layout. What is not named does nothing.
struct Preprocessing {
  Resize resize = {};
  std::optional<ImageSize> crop = {};  // of the centre
  std::optional<ColourOrder> colours = {};
  ValueSteps values = {};
  std::optional<Layout> layout = {};
  bool operator==(const Preprocessing&) const = default;
};

// How the images of an array are stored.
struct StoredForm {
  Layout layout = Layout::kNhwc;
  ColourOrder colours = ColourOrder::kRgb;
  bool operator==(const StoredForm&) const = default;
};

// float32 or, if the values are not touched, uint8; [channels, height, width] unless the steps say
// NHWC. Throws Error(kInvalidData), beginning with `context`, if the steps do not fit the image.
Tensor preprocess(const Image& image, const Preprocessing& steps, std::string_view context);

// One sample of an array, without the batch dimension. Image steps (all but values) take
// [height, width, channels], in NCHW form [channels, height, width], or [height, width]; resizing
// and cropping take uint8 only. Without a layout in the steps the stored one stays.
// Throws Error(kInvalidData), beginning with `context`, if the steps do not fit the sample.
Tensor preprocess(Tensor stored, const StoredForm& form, const Preprocessing& steps,
                  std::string_view context);

}  // namespace octavo
