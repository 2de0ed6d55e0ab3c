#include <fmt/format.h>
#include <fmt/ranges.h>
#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <climits>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "data/image.h"
#include "octavo/error.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_ONLY_PNG
#define STBI_ONLY_PNM
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

constexpr std::array<std::string_view, 8> kExtensions = {".bmp", ".gif", ".jpeg", ".jpg",
                                                         ".pgm", ".png", ".pnm",  ".ppm"};
constexpr int kColourChannels = 3;

[[noreturn]] void fail(std::string_view context, const std::string& what) {
  throw Error(ErrorCode::kInvalidData, fmt::format("{}: {}", context, what));
}

// A file, what errors call it, and how much of it may be decoded.
struct EncodedImage {
  std::span<const std::byte> bytes;
  std::string_view context;
  std::int64_t largest_pixels;

  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

void check_size(const EncodedImage& encoded, std::int64_t width, std::int64_t height) {
  if (width > 0 && height > 0 && width <= encoded.largest_pixels / height) return;
  fail(encoded.context, fmt::format("an image of {} x {} pixels, expected 1 to {} in all", width,
                                    height, encoded.largest_pixels));
}

struct JpegCloser {
  void operator()(void* handle) const { tjDestroy(handle); }
};
struct StbCloser {
  void operator()(stbi_uc* pixels) const { stbi_image_free(pixels); }
};

// What libjpeg says where the data end too early. Its other warnings (stray bytes, a wrong marker)
// leave an image that every viewer shows.
constexpr std::string_view kTruncated = "Premature end";

std::uint8_t multiply_unit(int a, int b) {  // a * b / 255, rounded
  const int product = a * b + 128;
  return static_cast<std::uint8_t>((product + (product >> 8)) >> 8);
}

// Adobe's inverted CMYK: each value is the light that the ink lets through.
std::vector<std::uint8_t> cmyk_to_rgb(std::span<const std::uint8_t> cmyk) {
  std::vector<std::uint8_t> rgb;
  rgb.reserve(cmyk.size() / 4 * kColourChannels);
  for (std::size_t i = 0; i + 3 < cmyk.size(); i += 4) {
    for (int c = 0; c < kColourChannels; ++c) {
      rgb.push_back(
          static_cast<std::uint8_t>(cmyk[i + 3] - multiply_unit(255 - cmyk[i + c], cmyk[i + 3])));
    }
  }
  return rgb;
}

Image decode_jpeg(const EncodedImage& encoded) {
  const auto& [bytes, context, largest_pixels] = encoded;
  const std::unique_ptr<void, JpegCloser> handle(tjInitDecompress());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colour_space = 0;
  if (tjDecompressHeader3(handle.get(), data, bytes.size(), &width, &height, &subsampling,
                          &colour_space) != 0) {
    fail(context, fmt::format("not a readable JPEG: {}", tjGetErrorStr2(handle.get())));
  }
  if (width == 0) fail(context, "truncated JPEG");
  check_size(encoded, width, height);
  const bool cmyk = colour_space == TJCS_CMYK || colour_space == TJCS_YCCK;
  Image image = blank_image({height, width}, cmyk ? 4 : kColourChannels);
  const int status = tjDecompress2(handle.get(), data, bytes.size(), image.pixels.data(), width, 0,
                                   height, cmyk ? TJPF_CMYK : TJPF_RGB, TJFLAG_ACCURATEDCT);
  if (status != 0) {
    const std::string_view message = tjGetErrorStr2(handle.get());
    if (message.find(kTruncated) != std::string_view::npos) fail(context, "truncated JPEG");
    if (tjGetErrorCode(handle.get()) == TJERR_FATAL) {
      fail(context, fmt::format("damaged JPEG: {}", message));
    }
  }
  if (cmyk) image = {width, height, kColourChannels, cmyk_to_rgb(image.pixels)};
  return image;
}

// stb_image takes what is missing at the end of these two for zeros, or worse: whatever lies in
// memory. The others carry checksums or end marks.
void check_length(const EncodedImage& encoded, std::size_t pixels) {
  const std::string_view text = encoded.text();
  const auto& [bytes, context, largest_pixels] = encoded;
  std::size_t expected = 0;
  if (text.starts_with("P5")) expected = pixels;
  if (text.starts_with("P6")) expected = pixels * kColourChannels;
  if (text.starts_with("BM") && bytes.size() > 6) {
    std::uint32_t file_bytes = 0;
    std::memcpy(&file_bytes, bytes.data() + 2, sizeof file_bytes);
    expected = file_bytes;
  }
  if (bytes.size() >= expected) return;
  fail(context,
       fmt::format("truncated image: {} bytes, expected at least {}", bytes.size(), expected));
}

// stb_image takes the memory that a chunk claims before it looks whether the file holds it.
void check_png_chunks(const EncodedImage& encoded) {
  constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
  constexpr std::size_t kAround = 12;  // length, type and checksum
  std::string_view rest = encoded.text();
  if (!rest.starts_with(kSignature)) return;
  rest.remove_prefix(kSignature.size());
  bool has_data = false;
  while (rest.size() >= kAround) {
    std::size_t length = 0;
    for (const char byte : rest.substr(0, 4)) {
      length = length << 8U | static_cast<unsigned char>(byte);
    }
    const std::string_view type = rest.substr(4, 4);
    if (length > rest.size() - kAround) {
      fail(encoded.context, fmt::format("truncated PNG: a chunk claims {} bytes of {}", length,
                                        rest.size() - kAround));
    }
    if (type == "IEND") return;
    // It copies to where it has no memory yet if the first one is empty.
    if (type == "IDAT" && length == 0 && !has_data) {
      fail(encoded.context, "damaged PNG: the first IDAT chunk is empty");
    }
    has_data |= type == "IDAT";
    rest.remove_prefix(kAround + length);
  }
  fail(encoded.context, "truncated PNG: it has no IEND chunk");
}

Image decode_other(const EncodedImage& encoded) {
  const auto& [bytes, context, largest_pixels] = encoded;
  if (bytes.size() > INT_MAX) fail(context, fmt::format("{} bytes in one image", bytes.size()));
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int size = static_cast<int>(bytes.size());
  int width = 0;
  int height = 0;
  int channels = 0;
  if (stbi_info_from_memory(data, size, &width, &height, &channels) == 0) {
    fail(context, "not an image, or of an unknown kind");
  }
  check_size(encoded, width, height);
  check_length(encoded, static_cast<std::size_t>(width) * height);
  check_png_chunks(encoded);
  // stb_image makes them 8 bits deep after it has made room for pixels that are.
  if (encoded.text().starts_with('P') && stbi_is_16_bit_from_memory(data, size) != 0) {
    fail(context, "a PPM or PGM image of 16 bits a value, expected 8");
  }
  const std::unique_ptr<stbi_uc, StbCloser> pixels(
      stbi_load_from_memory(data, size, &width, &height, &channels, kColourChannels));
  if (pixels == nullptr) fail(context, fmt::format("damaged image: {}", stbi_failure_reason()));
  Image image = blank_image({height, width}, kColourChannels);
  std::copy_n(pixels.get(), image.pixels.size(), image.pixels.begin());
  return image;
}

bool is_jpeg(std::span<const std::byte> bytes) {
  return bytes.size() > 2 && bytes[0] == std::byte{0xFF} && bytes[1] == std::byte{0xD8};
}

}  // namespace

Image blank_image(ImageSize size, int channels) {
  const std::size_t count = static_cast<std::size_t>(size.height) * size.width * channels;
  return {size.width, size.height, channels, std::vector<std::uint8_t>(count)};
}

Image decode_image(std::span<const std::byte> bytes, std::string_view context,
                   std::int64_t largest_pixels) {
  if (bytes.empty()) fail(context, "the file is empty");
  const EncodedImage encoded{bytes, context, largest_pixels};
  return is_jpeg(bytes) ? decode_jpeg(encoded) : decode_other(encoded);
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

std::string image_extensions() { return fmt::format("{}", fmt::join(kExtensions, ", ")); }

}  // namespace octavo
