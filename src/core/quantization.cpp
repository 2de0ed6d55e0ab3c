#include "octavo/quantization.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "octavo/error.h"

namespace octavo {
namespace {

constexpr double kSmallestScale = std::numeric_limits<float>::min();
constexpr double kLargestFloat = std::numeric_limits<float>::max();

// Float types are their own codes: real 0 is code 0, and no end can move.
void require_float_scheme(const Scheme& scheme, const DTypeTraits& type) {
  if (scheme.symmetry == Symmetry::kSymmetric && scheme.reduced_bits == 0) return;
  throw Error(
      ErrorCode::kInvalidArgument,
      fmt::format("{} codes are symmetric and of all their bits; expected no zero point and "
                  "no fewer bits",
                  type.name));
}

void require_code_type(const DTypeTraits& type) {
  const bool fits_int32 = type.lowest >= std::numeric_limits<std::int32_t>::min() &&
                          type.highest <= std::numeric_limits<std::int32_t>::max();
  if (type.is_integer() && fits_int32) return;
  throw Error(ErrorCode::kUnsupported,
              fmt::format("{} cannot hold codes; expected an integer type of up to 32 bits, signed "
                          "where it has 32, or a float type of 8",
                          type.name));
}

void require_range(const Range& range) {
  const bool is_finite = std::isfinite(range.min) && std::isfinite(range.max);
  if (!is_finite || range.min > range.max) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("no scale covers the range [{}, {}]; expected finite numbers, the "
                            "smaller one first",
                            range.min, range.max));
  }
  if (std::max(-range.min, range.max) > kLargestFloat) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("the range [{}, {}] reaches beyond float32's largest number, {}",
                            range.min, range.max, kLargestFloat));
  }
}

float store_scale(double scale) {
  return static_cast<float>(std::clamp(scale, kSmallestScale, kLargestFloat));
}

// Scale 1 and the code nearest to 0: any scale holds a range of nothing but 0.
ScaleZeroPoint zero_range_params(CodeRange codes) {
  return {1.0F, std::clamp(0, codes.min, codes.max)};
}

ScaleZeroPoint symmetric_params(const Range& range, const DTypeTraits& type, CodeRange codes) {
  const std::int64_t middle = type.is_signed() ? 0 : (std::int64_t{codes.max} + 1) / 2;
  const auto zero_point = static_cast<std::int32_t>(middle);
  const double farthest = std::max(-range.min, range.max);
  if (farthest == 0) return {1.0F, zero_point};
  return {store_scale(farthest / static_cast<double>(codes.max - middle)), zero_point};
}

ScaleZeroPoint asymmetric_params(const Range& range, CodeRange codes) {
  if (range.min == range.max) return zero_range_params(codes);
  const double steps = static_cast<double>(codes.max) - codes.min;
  const float scale = store_scale((range.max - range.min) / steps);
  const double zero_point = std::nearbyint(codes.min - range.min / static_cast<double>(scale));
  return {scale, static_cast<std::int32_t>(std::clamp<double>(zero_point, codes.min, codes.max))};
}

// Near float32's largest number the farthest code may stand for more than float32 holds. A smaller
// scale gives up a part of the range for codes that are all finite.
float keep_codes_finite(ScaleZeroPoint params, CodeRange codes) {
  const double steps = std::max(static_cast<double>(codes.max) - params.zero_point,
                                static_cast<double>(params.zero_point) - codes.min);
  const auto is_finite = [&](float scale) {
    return std::isfinite(static_cast<float>(steps) * scale);
  };
  if (is_finite(params.scale)) return params.scale;
  const auto largest = static_cast<float>(kLargestFloat / steps);
  return is_finite(largest) ? largest : std::nextafter(largest, 0.0F);
}

}  // namespace

CodeRange code_range(const Scheme& scheme) {
  const DTypeTraits& type = traits(scheme.dtype);
  if (type.is_small_float()) {
    require_float_scheme(scheme, type);
    return {static_cast<std::int32_t>(type.lowest), static_cast<std::int32_t>(type.highest)};
  }
  require_code_type(type);
  if (scheme.reduced_bits < 0 || type.bits - scheme.reduced_bits < 2) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{} with {} bits taken off; expected 0 to {}", type.name,
                            scheme.reduced_bits, type.bits - 2));
  }
  const double fraction = std::ldexp(1.0, -scheme.reduced_bits);
  CodeRange codes = {static_cast<std::int32_t>(type.lowest * fraction),
                     static_cast<std::int32_t>(std::floor(type.highest * fraction))};
  if (scheme.narrow_range) ++codes.min;
  return codes;
}

ScaleZeroPoint choose_params(const Range& range, const Scheme& scheme) {
  require_range(range);
  const CodeRange codes = code_range(scheme);
  const Range widened = {std::min(range.min, 0.0), std::max(range.max, 0.0)};
  ScaleZeroPoint params = scheme.symmetry == Symmetry::kSymmetric
                              ? symmetric_params(widened, traits(scheme.dtype), codes)
                              : asymmetric_params(widened, codes);
  params.scale = keep_codes_finite(params, codes);
  return params;
}

std::int32_t quantize(float x, ScaleZeroPoint params, CodeRange codes) {
  const float steps = std::nearbyint(x / params.scale);
  if (std::isnan(steps)) return std::clamp(params.zero_point, codes.min, codes.max);
  // In double the sum is exact wherever it does not saturate.
  const double code = static_cast<double>(steps) + params.zero_point;
  return static_cast<std::int32_t>(std::clamp<double>(code, codes.min, codes.max));
}

float dequantize(std::int32_t q, ScaleZeroPoint params) {
  return static_cast<float>(std::int64_t{q} - params.zero_point) * params.scale;
}

}  // namespace octavo
