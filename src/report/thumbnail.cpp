#include "report/thumbnail.h"

#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace octavo {
namespace {

constexpr std::int64_t kSmallestSide = 16;
constexpr int kQuality = 75;

// Where pixel (y, x)'s channel c lies: c * channel + y * row + x * column.
struct Strides {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 0;
  std::int64_t channel = 0;
  std::int64_t row = 0;
  std::int64_t column = 0;
};

bool is_channel_count(std::int64_t length) { return length == 1 || length == 3; }

std::optional<Strides> image_strides(const Tensor& input) {
  const Shape& shape = input.shape();
  if (input.dtype() != DType::kFloat32 || shape.size() != 4 || shape[0] != 1) return std::nullopt;
  Strides strides;
  if (is_channel_count(shape[1])) {
    strides = {shape[2], shape[3], shape[1], shape[2] * shape[3], shape[3], 1};
  } else if (is_channel_count(shape[3])) {
    strides = {shape[1], shape[2], shape[3], 1, shape[2] * shape[3], shape[3]};
  }
  if (strides.height < kSmallestSide || strides.width < kSmallestSide) return std::nullopt;
  return strides;
}

// The mean of a block of pixels, as 0 to 255.
std::uint8_t shade(std::span<const float> values, const Strides& strides, std::int64_t channel,
                   std::array<std::int64_t, 4> block, float low, float scale) {
  const auto [top, bottom, left, right] = block;
  double sum = 0;
  for (std::int64_t y = top; y < bottom; ++y) {
    for (std::int64_t x = left; x < right; ++x) {
      sum += values[channel * strides.channel + y * strides.row + x * strides.column];
    }
  }
  const double mean = sum / static_cast<double>((bottom - top) * (right - left));
  return static_cast<std::uint8_t>(std::clamp((mean - low) * scale, 0.0, 255.0));
}

struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;
};

Picture shrink(std::span<const float> values, const Strides& strides, std::int64_t side) {
  const auto height = static_cast<double>(strides.height);
  const auto width = static_cast<double>(strides.width);
  const auto wanted = static_cast<double>(side);
  const double ratio =
      std::min({1.0, wanted / std::sqrt(height * width), 2 * wanted / std::max(height, width)});
  const auto shrunk = [&](double length) { return std::max(1, static_cast<int>(length * ratio)); };
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const float scale = *high > *low ? 255 / (*high - *low) : 0;
  Picture picture{shrunk(width), shrunk(height), {}};
  for (std::int64_t y = 0; y < picture.height; ++y) {
    for (std::int64_t x = 0; x < picture.width; ++x) {
      const std::array block = {
          y * strides.height / picture.height, (y + 1) * strides.height / picture.height,
          x * strides.width / picture.width, (x + 1) * strides.width / picture.width};
      for (std::int64_t c = 0; c < 3; ++c) {
        const std::int64_t channel = std::min(c, strides.channels - 1);
        picture.rgb.push_back(shade(values, strides, channel, block, *low, scale));
      }
    }
  }
  return picture;
}

std::string base64(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8U | (j < count ? bytes[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) {
      text += j <= count ? kDigits[group >> (18 - 6 * j) & 63U] : '=';
    }
  }
  return text;
}

std::string jpeg_uri(const Picture& picture) {
  const std::unique_ptr<void, int (*)(void*)> encoder(tjInitCompress(), tjDestroy);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT: as turbojpeg declares it
  const int failure = tjCompress2(encoder.get(), picture.rgb.data(), picture.width, 0,
                                  picture.height, TJPF_RGB, &bytes, &size, TJSAMP_420, kQuality, 0);
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(bytes, tjFree);
  if (failure != 0) return {};
  return "data:image/jpeg;base64," + base64({bytes, size});
}

}  // namespace

std::string thumbnail(const Tensor& input, std::int64_t side) {
  const std::optional<Strides> strides = image_strides(input);
  if (!strides) return {};
  const auto values = input.as<float>();
  if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) return {};
  return jpeg_uri(shrink(values, *strides, side));
}

}  // namespace octavo
