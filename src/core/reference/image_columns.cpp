#include "core/reference/image_columns.h"

#include <fmt/format.h>

#include <optional>

#include "octavo/error.h"

namespace octavo {
namespace {

using Lengths = std::vector<std::int64_t>;

std::size_t count(std::span<const std::int64_t> lengths) {
  return element_count(Shape(lengths.begin(), lengths.end()));
}

// `index` in row-major order, taken apart.
Lengths position_of(std::size_t index, std::span<const std::int64_t> lengths) {
  Lengths position(lengths.size());
  for (std::size_t d = lengths.size(); d-- > 0;) {
    position[d] = static_cast<std::int64_t>(index) % lengths[d];
    index /= static_cast<std::size_t>(lengths[d]);
  }
  return position;
}

// Where in the image a tap looks from an output position; nothing outside of it.
std::optional<std::size_t> source_of(const Lengths& output, const Lengths& tap,
                                     std::span<const std::int64_t> lengths,
                                     const ConvolutionGeometry& geometry) {
  std::size_t source = 0;
  for (std::size_t d = 0; d < lengths.size(); ++d) {
    const std::int64_t at =
        output[d] * geometry.strides[d] + tap[d] * geometry.dilations[d] - geometry.pads_begin[d];
    if (at < 0 || at >= lengths[d]) return std::nullopt;
    source = source * static_cast<std::size_t>(lengths[d]) + static_cast<std::size_t>(at);
  }
  return source;
}

}  // namespace

std::vector<std::int64_t> ConvolutionGeometry::output_lengths(
    std::span<const std::int64_t> input_lengths) const {
  Lengths result;
  for (std::size_t d = 0; d < kernel.size(); ++d) {
    const std::int64_t reach = (kernel[d] - 1) * dilations[d] + 1;
    const std::int64_t padded = input_lengths[d] + pads_begin[d] + pads_end[d];
    if (reach > padded || reach < 1 || strides[d] < 1) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("a kernel of {} does not fit an image of {}", reach, padded));
    }
    result.push_back((padded - reach) / strides[d] + 1);
  }
  return result;
}

std::vector<std::int32_t> image_columns(std::span<const std::int32_t> image, std::size_t channels,
                                        std::span<const std::int64_t> lengths,
                                        const ConvolutionGeometry& geometry, std::int32_t padding) {
  const Lengths output_lengths = geometry.output_lengths(lengths);
  const std::size_t pixels = count(lengths);
  const std::size_t taps = count(geometry.kernel);
  std::vector<Lengths> tap_positions;
  for (std::size_t tap = 0; tap < taps; ++tap) {
    tap_positions.push_back(position_of(tap, geometry.kernel));
  }
  std::vector<std::int32_t> columns;
  columns.reserve(count(output_lengths) * taps * channels);
  for (std::size_t row = 0; row < count(output_lengths); ++row) {
    const Lengths output = position_of(row, output_lengths);
    for (const Lengths& tap : tap_positions) {
      const auto source = source_of(output, tap, lengths, geometry);
      for (std::size_t channel = 0; channel < channels; ++channel) {
        columns.push_back(source ? image[channel * pixels + *source] : padding);
      }
    }
  }
  return columns;
}

std::vector<std::int32_t> kernel_rows(std::span<const std::int32_t> weights, std::size_t outputs,
                                      std::size_t channels) {
  const std::size_t taps = weights.size() / (outputs * channels);
  std::vector<std::int32_t> rows(weights.size());
  for (std::size_t output = 0; output < outputs; ++output) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      for (std::size_t tap = 0; tap < taps; ++tap) {
        rows[(output * taps + tap) * channels + channel] =
            weights[(output * channels + channel) * taps + tap];
      }
    }
  }
  return rows;
}

}  // namespace octavo
