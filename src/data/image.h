// 8-bit images, row by row, the channels of a pixel side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace octavo {

struct ImageSize {
  int height = 0;
  int width = 0;
  bool operator==(const ImageSize&) const = default;
};

struct Image {
  int width = 0;
  int height = 0;
  int channels = 3;                  // 3: red, green, blue; 1: grey
  std::vector<std::uint8_t> pixels;  // height x width x channels
};

// An image of zeros.
Image blank_image(ImageSize size, int channels);

// More pixels than this are refused before they are decoded.
inline constexpr std::int64_t kLargestImagePixels = 178'956'970;  // PIL's own limit

// Always three channels. JPEG as libjpeg-turbo decodes it (accurate DCT, smooth chroma upsampling:
// what PIL shows too); PNG, BMP, GIF (first picture), PPM, PGM through stb_image. Grey becomes
// colour, CMYK is taken as Adobe writes it (inverted), transparency is dropped, EXIF rotation is
// ignored: PIL's Image.open(...).convert("RGB"). Throws Error(kNotFound, kInvalidData) naming the
// file.
Image read_image(const std::filesystem::path& path);
Image decode_image(std::span<const std::byte> bytes, std::string_view context,
                   std::int64_t largest_pixels = kLargestImagePixels);

// Whether the file's name ends like an image that read_image() knows.
bool has_image_extension(const std::filesystem::path& path);
// ".bmp, .gif, ..." for messages.
std::string image_extensions();

}  // namespace octavo
