// 8-bit colour images, row by row, three values a pixel (red, green, blue).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace octavo {

inline constexpr int kImageChannels = 3;

struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  // height x width x 3
};

// JPEG as libjpeg-turbo decodes it (what PIL does too), PNG, BMP, GIF and others through stb_image;
// grey becomes colour, transparency is dropped, EXIF rotation is ignored as PIL's Image.open does.
// Throws Error(kNotFound, kInvalidData) naming the file.
Image read_image(const std::filesystem::path& path);
Image decode_image(std::span<const std::byte> bytes, std::string_view context);

// Whether the file's name ends like an image that read_image() knows.
bool has_image_extension(const std::filesystem::path& path);

// Bilinear with antialiasing: each pixel is the triangle-weighted mean of all that it covers.
// Reproduces PIL's Image.resize(..., BILINEAR) for 8-bit images bit for bit: two passes, weights in
// fixed point with 22 fractional bits, a rounding to 8 bits between them.
Image resize(const Image& image, int width, int height);

// The shorter side becomes `length`, the longer one keeps the ratio, rounded down.
Image resize_short_side(const Image& image, int length);

// The middle of the image. Throws Error(kInvalidData) if it is smaller than the crop.
Image center_crop(const Image& image, int width, int height);

// More pixels than this are refused before they are decoded.
inline constexpr std::int64_t kLargestImagePixels = 178'956'970;  // PIL's own limit

}  // namespace octavo
