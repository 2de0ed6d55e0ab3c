#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/image.h"
#include "octavo/error.h"

namespace octavo {
namespace {

// Weights are stored in fixed point: 32 bits less 8 for the pixel and 2 for sums beyond 1.
constexpr int kPrecisionBits = 32 - 8 - 2;

// For each output pixel of one direction: which input pixels it covers, and their weights.
struct Weights {
  std::vector<int> first;                 // [out]
  std::vector<std::vector<int>> weights;  // [out][covered]
};

double triangle(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

Weights make_weights(int in_size, int out_size) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double filter_scale = std::max(scale, 1.0);  // widened when shrinking: that is antialiasing
  const double support = filter_scale;               // the triangle's half width is 1
  Weights result;
  for (int out = 0; out < out_size; ++out) {
    const double center = (out + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(center - support + 0.5));
    const int last = std::min(in_size, static_cast<int>(center + support + 0.5));
    std::vector<double> real;
    double sum = 0;
    for (int in = first; in < last; ++in) {
      real.push_back(triangle((in - center + 0.5) / filter_scale));
      sum += real.back();
    }
    std::vector<int> fixed;
    for (const double weight : real) {
      const double normalized = sum != 0 ? weight / sum : weight;
      fixed.push_back(static_cast<int>(0.5 + normalized * (1 << kPrecisionBits)));
    }
    result.first.push_back(first);
    result.weights.push_back(std::move(fixed));
  }
  return result;
}

std::uint8_t to_pixel(int sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

// Weighs `count` pixels that lie `stride` bytes apart, for each colour.
void weigh(const std::uint8_t* in, std::size_t stride, const std::vector<int>& weights,
           std::uint8_t* out) {
  for (int channel = 0; channel < kImageChannels; ++channel) {
    int sum = 1 << (kPrecisionBits - 1);
    for (std::size_t i = 0; i < weights.size(); ++i) sum += in[i * stride + channel] * weights[i];
    out[channel] = to_pixel(sum);
  }
}

std::size_t offset(const Image& image, int x, int y) {
  return (static_cast<std::size_t>(y) * image.width + x) * kImageChannels;
}

Image blank(int width, int height) {
  return {width, height,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * kImageChannels)};
}

Image resize_width(const Image& image, int width) {
  const Weights weights = make_weights(image.width, width);
  Image result = blank(width, image.height);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < width; ++x) {
      weigh(&image.pixels[offset(image, weights.first[x], y)], kImageChannels, weights.weights[x],
            &result.pixels[offset(result, x, y)]);
    }
  }
  return result;
}

Image resize_height(const Image& image, int height) {
  const Weights weights = make_weights(image.height, height);
  const std::size_t row = static_cast<std::size_t>(image.width) * kImageChannels;
  Image result = blank(image.width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      weigh(&image.pixels[offset(image, x, weights.first[y])], row, weights.weights[y],
            &result.pixels[offset(result, x, y)]);
    }
  }
  return result;
}

}  // namespace

Image resize(const Image& image, int width, int height) {
  Image result = image.width == width ? image : resize_width(image, width);
  return image.height == height ? result : resize_height(result, height);
}

Image resize_short_side(const Image& image, int length) {
  const auto longer = [&](int other, int shorter) {
    return static_cast<int>(static_cast<std::int64_t>(length) * other / shorter);
  };
  if (image.width < image.height) return resize(image, length, longer(image.height, image.width));
  return resize(image, longer(image.width, image.height), length);
}

Image center_crop(const Image& image, int width, int height) {
  if (image.width < width || image.height < height) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("an image of {} x {} cannot be cropped to {} x {}", image.width,
                            image.height, width, height));
  }
  // Python's round(): half to even.
  const int left = static_cast<int>(std::nearbyint((image.width - width) / 2.0));
  const int top = static_cast<int>(std::nearbyint((image.height - height) / 2.0));
  Image result = blank(width, height);
  for (int y = 0; y < height; ++y) {
    const auto* row = &image.pixels[offset(image, left, top + y)];
    std::copy(row, row + static_cast<std::size_t>(width) * kImageChannels,
              &result.pixels[offset(result, 0, y)]);
  }
  return result;
}

}  // namespace octavo
