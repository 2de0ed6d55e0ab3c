#include "data/resize_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "octavo/error.h"

namespace octavo {
namespace {

// Weights are stored in fixed point: 32 bits less 8 for the pixel and 2 for sums beyond 1.
constexpr int kPrecisionBits = 32 - 8 - 2;
constexpr int kHalf = 1 << (kPrecisionBits - 1);

// The input positions first, first + 1, ... that one output position covers, and their weights.
struct Window {
  int first = 0;
  std::vector<int> weights;
};

int round_half_up(double x) { return static_cast<int>(std::floor(x + 0.5)); }

double triangle(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

// PIL's operations in PIL's order, in double: another order gives other bits.
Window make_window(int in_size, int out_size, int out) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double support = std::max(scale, 1.0);  // widened when shrinking: that is antialiasing
  const double inverse_support = 1.0 / support;
  const double center = (out + 0.5) * scale;
  Window window;
  window.first = std::max(0, round_half_up(center - support));
  const int last = std::min(in_size, round_half_up(center + support));
  std::vector<double> real;
  double sum = 0;
  for (int in = window.first; in < last; ++in) {
    real.push_back(triangle((in - center + 0.5) * inverse_support));
    sum += real.back();
  }
  for (const double weight : real) {
    const double normalized = sum != 0 ? weight / sum : weight;
    window.weights.push_back(round_half_up(normalized * (1 << kPrecisionBits)));
  }
  return window;
}

std::vector<Window> make_windows(int in_size, int out_size) {
  std::vector<Window> windows(static_cast<std::size_t>(out_size));
  for (int out = 0; out < out_size; ++out) windows[out] = make_window(in_size, out_size, out);
  return windows;
}

// The weights are not negative and sum to 1 but for rounding: only the upper end can overflow.
std::uint8_t to_pixel(int sum) {
  return static_cast<std::uint8_t>(std::min(sum >> kPrecisionBits, 255));
}

std::size_t row_bytes(const Image& image) {
  return static_cast<std::size_t>(image.width) * image.channels;
}

template <int kChannels>
void resize_row(const std::uint8_t* in, std::span<const Window> windows, std::uint8_t* out) {
  for (const Window& window : windows) {
    int sums[kChannels];
    std::fill_n(sums, kChannels, kHalf);
    const std::uint8_t* pixel = in + static_cast<std::ptrdiff_t>(window.first) * kChannels;
    for (const int weight : window.weights) {
      for (int c = 0; c < kChannels; ++c) sums[c] += *pixel++ * weight;
    }
    for (int c = 0; c < kChannels; ++c) *out++ = to_pixel(sums[c]);
  }
}

Image resize_width(const Image& image, int width) {
  const std::vector<Window> windows = make_windows(image.width, width);
  Image result = blank_image({image.height, width}, image.channels);
  const auto resize_one = image.channels == 1 ? resize_row<1> : resize_row<3>;
  for (int y = 0; y < image.height; ++y) {
    resize_one(&image.pixels[y * row_bytes(image)], windows, &result.pixels[y * row_bytes(result)]);
  }
  return result;
}

Image resize_height(const Image& image, int height) {
  Image result = blank_image({height, image.width}, image.channels);
  const std::size_t row = row_bytes(image);
  std::vector<int> sums(row);
  for (int y = 0; y < height; ++y) {
    const Window window = make_window(image.height, height, y);
    std::fill(sums.begin(), sums.end(), kHalf);
    const std::uint8_t* in = &image.pixels[window.first * row];
    for (const int weight : window.weights) {
      for (std::size_t i = 0; i < row; ++i) sums[i] += in[i] * weight;
      in += row;
    }
    std::transform(sums.begin(), sums.end(), &result.pixels[y * row], to_pixel);
  }
  return result;
}

}  // namespace

Image resize(const Image& image, ImageSize size) {
  if (image.height - size.height > std::max(0, 2 * (image.width - size.width))) {
    const Image flat = resize_height(image, size.height);
    return image.width == size.width ? flat : resize_width(flat, size.width);
  }
  const Image narrow = image.width == size.width ? image : resize_width(image, size.width);
  return image.height == size.height ? narrow : resize_height(narrow, size.height);
}

ImageSize covering_size(ImageSize image, ImageSize size) {
  const std::int64_t by_height = std::int64_t{size.height} * image.width;
  const std::int64_t by_width = std::int64_t{size.width} * image.height;
  if (by_height >= by_width) return {size.height, static_cast<int>(by_height / image.height)};
  return {static_cast<int>(by_width / image.width), size.width};
}

Image center_crop(const Image& image, ImageSize size, std::string_view context) {
  if (image.width < size.width || image.height < size.height) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{}: an image {} high and {} wide cannot be cropped to {} x {}",
                            context, image.height, image.width, size.height, size.width));
  }
  const auto left = static_cast<std::size_t>(std::nearbyint((image.width - size.width) / 2.0));
  const auto top = static_cast<std::size_t>(std::nearbyint((image.height - size.height) / 2.0));
  Image result = blank_image(size, image.channels);
  for (int y = 0; y < size.height; ++y) {
    const std::size_t from = (top + y) * row_bytes(image) + left * image.channels;
    std::copy_n(&image.pixels[from], row_bytes(result), &result.pixels[y * row_bytes(result)]);
  }
  return result;
}

}  // namespace octavo
