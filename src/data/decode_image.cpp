#include <fmt/format.h>
#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "data/image.h"
#include "octavo/error.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_JPEG
#define STBI_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image.h>
#pragma GCC diagnostic pop

namespace octavo {
namespace {

constexpr std::array<std::string_view, 10> kExtensions = {".bmp", ".gif", ".jpeg", ".jpg", ".png",
                                                          ".pgm", ".pnm", ".ppm",  ".psd", ".tga"};

[[noreturn]] void fail(std::string_view context, const std::string& what) {
  throw Error(ErrorCode::kInvalidData, fmt::format("{}: {}", context, what));
}

void check_size(std::int64_t width, std::int64_t height, std::string_view context) {
  if (width > 0 && height > 0 && width * height <= kLargestImagePixels) return;
  fail(context, fmt::format("an image of {} x {} pixels, expected 1 to {} in all", width, height,
                            kLargestImagePixels));
}

struct JpegCloser {
  void operator()(void* handle) const { tjDestroy(handle); }
};
struct StbCloser {
  void operator()(stbi_uc* pixels) const { stbi_image_free(pixels); }
};

Image decode_jpeg(std::span<const std::byte> bytes, std::string_view context) {
  const std::unique_ptr<void, JpegCloser> handle(tjInitDecompress());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  Image image;
  int subsampling = 0;
  int colour_space = 0;
  if (tjDecompressHeader3(handle.get(), data, bytes.size(), &image.width, &image.height,
                          &subsampling, &colour_space) != 0) {
    fail(context, fmt::format("not a readable JPEG: {}", tjGetErrorStr2(handle.get())));
  }
  check_size(image.width, image.height, context);
  if (colour_space == TJCS_CMYK || colour_space == TJCS_YCCK) {
    fail(context, "a CMYK JPEG; convert it to RGB first");
  }
  image.pixels.resize(static_cast<std::size_t>(image.width) * image.height * kImageChannels);
  const int result = tjDecompress2(handle.get(), data, bytes.size(), image.pixels.data(),
                                   image.width, 0, image.height, TJPF_RGB, TJFLAG_ACCURATEDCT);
  if (result != 0 && tjGetErrorCode(handle.get()) == TJERR_FATAL) {
    fail(context, fmt::format("damaged JPEG: {}", tjGetErrorStr2(handle.get())));
  }
  if (result != 0) fail(context, fmt::format("truncated JPEG: {}", tjGetErrorStr2(handle.get())));
  return image;
}

Image decode_other(std::span<const std::byte> bytes, std::string_view context) {
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int size = static_cast<int>(bytes.size());
  Image image;
  int channels = 0;
  if (stbi_info_from_memory(data, size, &image.width, &image.height, &channels) == 0) {
    fail(context, "not an image, or of an unknown kind");
  }
  check_size(image.width, image.height, context);
  const std::unique_ptr<stbi_uc, StbCloser> pixels(
      stbi_load_from_memory(data, size, &image.width, &image.height, &channels, kImageChannels));
  if (pixels == nullptr) fail(context, fmt::format("damaged image: {}", stbi_failure_reason()));
  const std::size_t count = static_cast<std::size_t>(image.width) * image.height * kImageChannels;
  image.pixels.assign(pixels.get(), pixels.get() + count);
  return image;
}

bool is_jpeg(std::span<const std::byte> bytes) {
  return bytes.size() > 2 && bytes[0] == std::byte{0xFF} && bytes[1] == std::byte{0xD8};
}

}  // namespace

Image decode_image(std::span<const std::byte> bytes, std::string_view context) {
  if (bytes.empty()) fail(context, "the file is empty");
  return is_jpeg(bytes) ? decode_jpeg(bytes, context) : decode_other(bytes, context);
}

Image read_image(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw Error(ErrorCode::kNotFound, fmt::format("{}: cannot be read", path.string()));
  const std::string content{std::istreambuf_iterator<char>(stream), {}};
  return decode_image(std::as_bytes(std::span(content)), path.string());
}

bool has_image_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

}  // namespace octavo
