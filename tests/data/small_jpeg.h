// A JPEG to decode, and what PIL makes of it.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace octavo::testing {

// 17 x 13 pixels (x * 15 + y * 9 * (c + 1) + c * 60) % 256, saved by PIL with quality 40 and halved
// chroma: odd sizes, so that smooth upsampling meets the border.
inline constexpr std::string_view kSmallJpegHex =
    "ffd8ffe000104a46494600010100000100010000ffdb004300140e0f120f0d14121012171514181e32211e1c"
    "1c1e3d2c2e243249404c4b47404645505a736250556d5645466488656d777b8182814e608d978c7d96737e81"
    "7cffdb0043011517171e1a1e3b21213b7c5346537c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c"
    "7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7cffc0001108000d0011030122000211010311"
    "01ffc4001800000203000000000000000000000000000001030405ffc4002610000202010203090000000000"
    "000000000103021100042112157132535461a2a3b1d1e1ffc400150101010000000000000000000000000000"
    "0003ffc4002611000002060b00000000000000000000000001020304224151111213232432528191e1f0ffda"
    "000c03010002110311003f007a64ab4cb0c611085d59177d06273a7a8b9126081b4604d7175f3f8c860c96ae"
    "7163ab6da31028472e0506382cf661858e2778f252810150c8aad0f34067f0b7bcf48fac30e72bf09ee7e619"
    "7aad1a0bdb88e3267cf63fffd9";
// FNV-1a over the pixels.
inline constexpr std::uint64_t kSmallJpegHash = 0xba100a0fae9dbd0dU;

inline std::vector<std::byte> small_jpeg() {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < kSmallJpegHex.size(); i += 2) {
    int value = 0;
    std::from_chars(kSmallJpegHex.data() + i, kSmallJpegHex.data() + i + 2, value, 16);
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

}  // namespace octavo::testing
