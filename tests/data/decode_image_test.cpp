#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data/image.h"
#include "data/small_jpeg.h"
#include "data/test_files.h"
#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

using testing::TemporaryDirectory;

std::uint64_t fnv1a(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3U;
  return hash;
}

// A JPEG of one colour in the given pixel format.
std::vector<std::byte> plain_jpeg(ImageSize size, int format, int subsampling,
                                  const std::vector<std::uint8_t>& colour) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < size.height * size.width; ++i) {
    pixels.insert(pixels.end(), colour.begin(), colour.end());
  }
  const tjhandle handle = tjInitCompress();
  unsigned char* jpeg = nullptr;
  unsigned long length = 0;
  EXPECT_EQ(tjCompress2(handle, pixels.data(), size.width, 0, size.height, format, &jpeg, &length,
                        subsampling, 100, 0),
            0);
  const auto* begin = reinterpret_cast<const std::byte*>(jpeg);
  std::vector<std::byte> bytes(begin, begin + length);
  tjFree(jpeg);
  tjDestroy(handle);
  return bytes;
}

// One pixel of 24 bits.
std::string bitmap() {
  std::string text = "BM";
  const auto append = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i)));
  };
  for (const std::uint32_t value : {58, 0, 54, 40, 1, 1}) append(value, 4);
  for (const std::uint32_t value : {1, 24}) append(value, 2);
  for (int i = 0; i < 6; ++i) append(0, 4);
  return text + "\x1e\x14\x0a" + '\0';  // blue, green, red, padding
}

void expect_colour(const Image& image, std::array<int, 3> colour, int tolerance) {
  ASSERT_EQ(image.channels, 3);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    ASSERT_NEAR(image.pixels[i], colour[i % 3], tolerance) << "at " << i;
  }
}

TEST(DecodeImage, JpegEqualsPilBitForBit) {
  const Image image = decode_image(testing::small_jpeg(), "a.jpg");
  EXPECT_EQ(image.width, 17);
  EXPECT_EQ(image.height, 13);
  EXPECT_EQ(fnv1a(image.pixels), testing::kSmallJpegHash);
}

TEST(DecodeImage, GreyJpegBecomesColour) {
  expect_colour(decode_image(plain_jpeg({9, 7}, TJPF_GRAY, TJSAMP_GRAY, {77}), "a.jpg"),
                {77, 77, 77}, 0);
}

// Adobe's convention: a stored 255 is no ink.
TEST(DecodeImage, CmykJpegBecomesColour) {
  const auto decode = [](std::vector<std::uint8_t> cmyk) {
    return decode_image(plain_jpeg({8, 8}, TJPF_CMYK, TJSAMP_444, cmyk), "a.jpg");
  };
  expect_colour(decode({200, 100, 50, 255}), {200, 100, 50}, 1);
  expect_colour(decode({255, 255, 255, 128}), {128, 128, 128}, 1);
  expect_colour(decode({128, 255, 0, 128}), {64, 128, 0}, 1);
}

TEST(DecodeImage, NetpbmAndBitmap) {
  const TemporaryDirectory folder;
  testing::write_image(folder / "a.ppm", 2, 3, {10, 20, 30});
  const Image image = read_image(folder / "a.ppm");
  EXPECT_EQ(image.height, 2);
  EXPECT_EQ(image.width, 3);
  expect_colour(image, {10, 20, 30}, 0);
  const std::string bmp = bitmap();
  expect_colour(decode_image(std::as_bytes(std::span(bmp)), "a.bmp"), {10, 20, 30}, 0);
  testing::write_file(folder / "gray.pgm", "P5 2 1 255\n\x05\x06");
  EXPECT_EQ(read_image(folder / "gray.pgm").pixels, (std::vector<std::uint8_t>{5, 5, 5, 6, 6, 6}));
}

TEST(DecodeImage, RefusesTruncatedFiles) {
  const std::vector<std::byte> jpeg = testing::small_jpeg();
  EXPECT_OCTAVO_ERROR(decode_image(std::span(jpeg).first(jpeg.size() - 12), "a.jpg"),
                      ErrorCode::kInvalidData, "a.jpg", "truncated JPEG");
  EXPECT_OCTAVO_ERROR(decode_image(std::span(jpeg).first(40), "a.jpg"), ErrorCode::kInvalidData,
                      "a.jpg", "truncated JPEG");
  const std::string ppm = "P6 4 4 255\nabc";
  EXPECT_OCTAVO_ERROR(decode_image(std::as_bytes(std::span(ppm)), "a.ppm"), ErrorCode::kInvalidData,
                      "a.ppm", "truncated image", "14 bytes", "48");
  std::string bmp = bitmap();
  EXPECT_NO_THROW(decode_image(std::as_bytes(std::span(bmp)), "a.bmp"));
  bmp.pop_back();
  EXPECT_OCTAVO_ERROR(decode_image(std::as_bytes(std::span(bmp)), "a.bmp"), ErrorCode::kInvalidData,
                      "a.bmp", "truncated image", "57 bytes", "58");
}

TEST(DecodeImage, AcceptsBytesAfterTheEnd) {
  std::vector<std::byte> jpeg = testing::small_jpeg();
  jpeg.resize(jpeg.size() + 100);
  EXPECT_EQ(fnv1a(decode_image(jpeg, "a.jpg").pixels), testing::kSmallJpegHash);
}

TEST(DecodeImage, RefusesWhatIsNoImage) {
  const std::string text = "certainly not an image, whatever its name says";
  EXPECT_OCTAVO_ERROR(decode_image(std::as_bytes(std::span(text)), "a.png"),
                      ErrorCode::kInvalidData, "a.png", "not an image");
  EXPECT_OCTAVO_ERROR(decode_image({}, "a.png"), ErrorCode::kInvalidData, "a.png", "empty");
  EXPECT_OCTAVO_ERROR(read_image("/nowhere/a.png"), ErrorCode::kNotFound, "/nowhere/a.png");
}

TEST(DecodeImage, RefusesMorePixelsThanItsLimit) {
  const std::string ppm = "P6 20000 20000 255\n";
  EXPECT_OCTAVO_ERROR(decode_image(std::as_bytes(std::span(ppm)), "bomb.ppm"),
                      ErrorCode::kInvalidData, "bomb.ppm", "20000 x 20000", "178956970");
}

TEST(HasImageExtension, WhateverTheCase) {
  EXPECT_TRUE(has_image_extension("a/b.JPEG"));
  EXPECT_TRUE(has_image_extension("b.png"));
  EXPECT_FALSE(has_image_extension("b.txt"));
  EXPECT_FALSE(has_image_extension("png"));
}

}  // namespace
}  // namespace octavo
