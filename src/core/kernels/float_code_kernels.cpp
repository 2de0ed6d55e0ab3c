#include "core/kernels/float_code_kernels.h"

#include <algorithm>
#include <array>

namespace octavo {
namespace {

constexpr std::size_t kPieceSize = 1024;

// Through the codec, number by number: weights are written once, and no runtime here computes in
// these types.
template <DType kDtype>
struct FloatCodes {
  static void quantize(std::span<const float> values, const RunParams& params, CodeRange /*range*/,
                       std::byte* codes, std::size_t first) {
    const DTypeTraits& type = traits(kDtype);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float steps = values[i] / params.at(i).scale;
      type.encode(codes, first + i, static_cast<double>(steps));
    }
  }

  static void dequantize(const std::byte* codes, std::size_t first, const RunParams& params,
                         std::span<float> values) {
    const DTypeTraits& type = traits(kDtype);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(type.decode(codes, first + i)) * params.at(i).scale;
    }
  }

  static void fake_quantize(std::span<const float> values, const RunParams& params, CodeRange range,
                            std::span<float> results) {
    std::array<std::byte, kPieceSize> codes{};
    for (std::size_t begin = 0; begin < values.size(); begin += kPieceSize) {
      const std::size_t count = std::min(kPieceSize, values.size() - begin);
      const RunParams part = params.part(begin, count);
      quantize(values.subspan(begin, count), part, range, codes.data(), 0);
      dequantize(codes.data(), 0, part, results.subspan(begin, count));
    }
  }

  static constexpr CodeKernels kKernels = {kDtype, quantize, dequantize, fake_quantize};
};

constexpr auto kFloatCodeKernels = std::to_array<CodeKernels>(
    {FloatCodes<DType::kFloat8E4m3>::kKernels, FloatCodes<DType::kFloat8E5m2>::kKernels});

}  // namespace

const CodeKernels* float_code_kernels(DType dtype) {
  const auto* found = std::ranges::find(kFloatCodeKernels, dtype, &CodeKernels::dtype);
  return found == kFloatCodeKernels.end() ? nullptr : found;
}

}  // namespace octavo
