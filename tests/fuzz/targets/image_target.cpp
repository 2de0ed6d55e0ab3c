// An image file of any format.
#include <span>

#include "data/image.h"
#include "data/small_jpeg.h"
#include "fuzz/hex.h"
#include "fuzz/target.h"
#include "octavo/error.h"

namespace octavo::fuzz {
namespace {

// Small, so that a run spends its time on decoding and not on clearing memory.
constexpr std::int64_t kLargestPixels = 1 << 16;

void read(std::string_view bytes) {
  try {
    decode_image(std::as_bytes(std::span(bytes)), "fuzz", kLargestPixels);
  } catch (const Error&) {
  }
}

constexpr std::string_view kColourPng =
    "89504e470d0a1a0a0000000d49484452000000030000000208020000001216f14d000000144944415478da63"
    "6460646266616563e76082b3000294004cfdde749a0000000049454e44ae426082";
constexpr std::string_view kPalettePng =
    "89504e470d0a1a0a0000000d494844520000000400000002020300000002c695f00000000c504c5445000102"
    "030405060708090a0bdc4c389c0000000274524e5300809b2b4e180000000c4944415478da63906679020001"
    "4101048061b4720000000049454e44ae426082";
constexpr std::string_view kGreyAlpha16Png =
    "89504e470d0a1a0a0000000d4948445200000002000000021004000000882f19ec000000134944415478da63"
    "66606462666165636781310002100040dfc83f6e0000000049454e44ae426082";
constexpr std::string_view kGif =
    "47494638396102000200800000000000ffffff21f90401000000002c0000000002000200000203040a05003b";
constexpr std::string_view kBmp =
    "424d460000000000000036000000280000000200000002000000010018000000000010000000000000000000"
    "0000000000000000000001020304050600000102030405060000";

std::vector<std::string> seeds() {
  std::vector<std::string> all = {"P5 2 2 255\nabcd", "P6 1 1 255\nabc"};
  for (const std::string_view hex :
       {kColourPng, kPalettePng, kGreyAlpha16Png, kGif, kBmp, testing::kSmallJpegHex}) {
    all.push_back(from_hex(hex));
  }
  return all;
}

}  // namespace

const Target& image_target() {
  static const Target kTarget = {"image", read, seeds};
  return kTarget;
}

}  // namespace octavo::fuzz
