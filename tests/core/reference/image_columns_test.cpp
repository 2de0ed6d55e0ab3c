#include "core/reference/image_columns.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/reference/integer_product.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

using Codes = std::vector<std::int32_t>;

constexpr std::size_t kChannels = 3;
constexpr std::size_t kOutputs = 2;
constexpr std::int64_t kHeight = 7;
constexpr std::int64_t kWidth = 6;
constexpr std::int32_t kZeroPoint = 9;

const ConvolutionGeometry& geometry() {
  static const ConvolutionGeometry kGeometry = {{3, 2}, {2, 1}, {1, 2}, {1, 0}, {2, 1}};
  return kGeometry;
}

Codes random_codes(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  Codes codes(count);
  for (std::int32_t& code : codes) code = static_cast<std::int32_t>(random() % 200) - 100;
  return codes;
}

// The definition: a sum over channels and taps, nothing outside the image.
std::int64_t convolution_at(const Codes& image, const Codes& weights, std::size_t output,
                            std::int64_t row, std::int64_t column) {
  std::int64_t sum = 0;
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    for (std::int64_t i = 0; i < 3; ++i) {
      for (std::int64_t j = 0; j < 2; ++j) {
        const std::int64_t y = row * 2 + i - 1;
        const std::int64_t x = column + 2 * j;
        if (y < 0 || y >= kHeight || x < 0 || x >= kWidth) continue;
        const auto pixel = static_cast<std::size_t>(y * kWidth + x);
        const auto tap = static_cast<std::size_t>(i * 2 + j);
        sum += std::int64_t{image[channel * kHeight * kWidth + pixel] - kZeroPoint} *
               weights[(output * kChannels + channel) * 6 + tap];
      }
    }
  }
  return sum;
}

TEST(ImageColumns, MultipliedByKernelRowsAreTheConvolution) {
  const Codes image = random_codes(kChannels * kHeight * kWidth, 1);
  const Codes weights = random_codes(kOutputs * kChannels * 6, 2);
  const std::vector<std::int64_t> lengths = {kHeight, kWidth};
  const auto output = geometry().output_lengths(lengths);
  ASSERT_EQ(output, (std::vector<std::int64_t>{4, 5}));
  const Codes rows = image_columns(image, kChannels, lengths, geometry(), kZeroPoint);
  const Codes kernels = kernel_rows(weights, kOutputs, kChannels);
  const IntegerProduct product =
      multiply({20, kChannels * 6, kOutputs, rows, kernels, kZeroPoint, {0}}, Accumulation::kInt32);
  for (std::size_t i = 0; i < product.sums.size(); ++i) {
    const auto position = static_cast<std::int64_t>(i / kOutputs);
    EXPECT_EQ(product.sums[i],
              convolution_at(image, weights, i % kOutputs, position / 5, position % 5))
        << "element " << i;
  }
}

TEST(ImageColumns, NeighbouringChannelsFollowEachOther) {
  const Codes image = {1, 2, 3, 4, 5, 6};  // two channels of three pixels
  const std::vector<std::int64_t> lengths = {3};
  const ConvolutionGeometry two_taps = {{2}, {1}, {1}, {0}, {1}};
  EXPECT_EQ(image_columns(image, 2, lengths, two_taps, 7),
            (Codes{1, 4, 2, 5, 2, 5, 3, 6, 3, 6, 7, 7}));
  EXPECT_EQ(kernel_rows(Codes{1, 2, 3, 4}, 1, 2), (Codes{1, 3, 2, 4}));
}

TEST(ImageColumns, RefusesAKernelThatDoesNotFit) {
  const ConvolutionGeometry wide = {{5}, {1}, {1}, {0}, {0}};
  const std::vector<std::int64_t> lengths = {4};
  EXPECT_OCTAVO_ERROR(wide.output_lengths(lengths), ErrorCode::kInvalidArgument, "5", "4");
}

}  // namespace
}  // namespace octavo
