#include "core/kernels/code_kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>

#include "core/dtypes/nibble.h"
#include "core/kernels/float_code_kernels.h"
#include "core/kernels/scalar_kernels.h"
#include "core/kernels/simd_kernels.h"
#include "octavo/error.h"

namespace octavo {
namespace {

template <typename Code>
std::span<Code> run_of(std::byte* codes, std::size_t first, std::size_t count) {
  return {reinterpret_cast<Code*>(codes) + first, count};
}

template <typename Code>
std::span<const Code> run_of(const std::byte* codes, std::size_t first, std::size_t count) {
  return {reinterpret_cast<const Code*>(codes) + first, count};
}

template <typename Code>
constexpr CodeKernels simd_kernels(DType dtype) {
  return {.dtype = dtype,
          .quantize =
              [](std::span<const float> values, const RunParams& params, CodeRange range,
                 std::byte* codes, std::size_t first) {
                simd::quantize(values, params, range, run_of<Code>(codes, first, values.size()));
              },
          .dequantize =
              [](const std::byte* codes, std::size_t first, const RunParams& params,
                 std::span<float> values) {
                simd::dequantize(run_of<Code>(codes, first, values.size()), params, values);
              },
          .fake_quantize = simd::fake_quantize};
}

template <typename Code>
constexpr CodeKernels scalar_kernels(DType dtype) {
  return {.dtype = dtype,
          .quantize =
              [](std::span<const float> values, const RunParams& params, CodeRange range,
                 std::byte* codes, std::size_t first) {
                scalar::quantize(values, params, range, run_of<Code>(codes, first, values.size()));
              },
          .dequantize =
              [](const std::byte* codes, std::size_t first, const RunParams& params,
                 std::span<float> values) {
                scalar::dequantize(run_of<Code>(codes, first, values.size()), params, values);
              },
          .fake_quantize = scalar::fake_quantize};
}

constexpr std::size_t kPieceSize = 1024;

// Calls function(begin, count) for each piece of a run.
template <typename Function>
void for_each_piece(std::size_t count, Function function) {
  for (std::size_t begin = 0; begin < count; begin += kPieceSize) {
    function(begin, std::min(kPieceSize, count - begin));
  }
}

// Two codes a byte: the byte kernels work on unpacked pieces that stay in the first-level cache.
template <typename Code>
constexpr CodeKernels nibble_kernels(DType dtype) {
  using Codec = dtypes::NibbleCodec<std::is_signed_v<Code>>;
  return {.dtype = dtype,
          .quantize =
              [](std::span<const float> values, const RunParams& params, CodeRange range,
                 std::byte* codes, std::size_t first) {
                std::array<Code, kPieceSize> unpacked{};
                for_each_piece(values.size(), [&](std::size_t begin, std::size_t count) {
                  simd::quantize(values.subspan(begin, count), params.part(begin, count), range,
                                 std::span(unpacked).first(count));
                  for (std::size_t i = 0; i < count; ++i) {
                    Codec::store(codes, first + begin + i, unpacked[i]);
                  }
                });
              },
          .dequantize =
              [](const std::byte* codes, std::size_t first, const RunParams& params,
                 std::span<float> values) {
                std::array<Code, kPieceSize> unpacked{};
                for_each_piece(values.size(), [&](std::size_t begin, std::size_t count) {
                  for (std::size_t i = 0; i < count; ++i) {
                    unpacked[i] = static_cast<Code>(Codec::load(codes, first + begin + i));
                  }
                  simd::dequantize(std::span<const Code>(unpacked).first(count),
                                   params.part(begin, count), values.subspan(begin, count));
                });
              },
          .fake_quantize = simd::fake_quantize};
}

constexpr auto kAllCodeKernels = std::to_array<CodeKernels>({
    simd_kernels<std::uint8_t>(DType::kUint8),
    simd_kernels<std::int8_t>(DType::kInt8),
    simd_kernels<std::uint16_t>(DType::kUint16),
    simd_kernels<std::int16_t>(DType::kInt16),
    scalar_kernels<std::int32_t>(DType::kInt32),
    nibble_kernels<std::uint8_t>(DType::kUint4),
    nibble_kernels<std::int8_t>(DType::kInt4),
});

}  // namespace

std::span<const CodeKernels> all_code_kernels() { return kAllCodeKernels; }

const CodeKernels& code_kernels(DType dtype) {
  const auto* found = std::ranges::find(kAllCodeKernels, dtype, &CodeKernels::dtype);
  if (found != kAllCodeKernels.end()) return *found;
  if (const CodeKernels* floats = float_code_kernels(dtype)) return *floats;
  throw Error(ErrorCode::kUnsupported,
              fmt::format("no kernel quantizes to {}", traits(dtype).name));
}

}  // namespace octavo
