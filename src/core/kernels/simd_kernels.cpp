#include "core/kernels/simd_kernels.h"

#include <cstddef>
#include <cstring>

// Highway compiles the part below once for every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/simd_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep; must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace octavo::simd {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Ints = hn::RebindToSigned<Floats>;
using FloatVector = hn::Vec<Floats>;
using IntVector = hn::Vec<Ints>;
template <typename Code>
using CodesFor = hn::Rebind<Code, Floats>;

// A vector from the first of `available` elements, zeros beyond them.
template <typename Tag, typename T>
hn::Vec<Tag> load(Tag tag, const T* source, std::size_t available) {
  if (available >= hn::Lanes(tag)) return hn::LoadU(tag, source);
  HWY_ALIGN T padded[hn::MaxLanes(Tag())] = {};
  std::memcpy(padded, source, available * sizeof(T));
  return hn::Load(tag, padded);
}

template <typename Tag, typename T>
void store(hn::Vec<Tag> vector, Tag tag, T* target, std::size_t available) {
  if (available >= hn::Lanes(tag)) return hn::StoreU(vector, tag, target);
  HWY_ALIGN T padded[hn::MaxLanes(Tag())];
  hn::Store(vector, tag, padded);
  std::memcpy(target, padded, available * sizeof(T));
}

// Calls function(index, available, scale, zero_point) for each vector of the run.
template <typename Function>
void for_each_vector(std::size_t count, const RunParams& params, Function function) {
  const Floats floats;
  const Ints ints;
  const std::size_t step = hn::Lanes(floats);
  if (params.one_for_all()) {
    const auto scale = hn::Set(floats, params.scale[0]);
    const auto zero_point = hn::Set(ints, params.zero_point[0]);
    for (std::size_t i = 0; i < count; i += step) function(i, count - i, scale, zero_point);
    return;
  }
  for (std::size_t i = 0; i < count; i += step) {
    function(i, count - i, load(floats, &params.scale[i], count - i),
             load(ints, &params.zero_point[i], count - i));
  }
}

// x / scale, not yet rounded, held to [range.min, range.max] - zero_point. Those ends are whole
// numbers, so that rounding cannot leave them, and exact in float for codes of up to 16 bits. NaN,
// which is not equal to itself, becomes 0: the zero point.
FloatVector saturated_steps(FloatVector x, FloatVector scale, IntVector zero_point,
                            CodeRange range) {
  const Floats floats;
  const Ints ints;
  const auto lowest = hn::ConvertTo(floats, hn::Sub(hn::Set(ints, range.min), zero_point));
  const auto highest = hn::ConvertTo(floats, hn::Sub(hn::Set(ints, range.max), zero_point));
  const auto steps = hn::Div(x, scale);
  const auto numbers = hn::IfThenElseZero(hn::Eq(steps, steps), steps);
  return hn::Min(hn::Max(numbers, lowest), highest);
}

template <typename Code>
void quantize_run(const float* values, std::size_t count, const RunParams& params, CodeRange range,
                  Code* codes) {
  for_each_vector(
      count, params,
      [=](std::size_t i, std::size_t available, FloatVector scale, IntVector zero_point) {
        const auto x = load(Floats(), values + i, available);
        const auto steps = hn::NearestInt(saturated_steps(x, scale, zero_point, range));
        const CodesFor<Code> tag;
        store(hn::DemoteTo(tag, hn::Add(steps, zero_point)), tag, codes + i, available);
      });
}

template <typename Code>
void dequantize_run(const Code* codes, std::size_t count, const RunParams& params, float* values) {
  for_each_vector(
      count, params,
      [=](std::size_t i, std::size_t available, FloatVector scale, IntVector zero_point) {
        const auto code = hn::PromoteTo(Ints(), load(CodesFor<Code>(), codes + i, available));
        const auto steps = hn::ConvertTo(Floats(), hn::Sub(code, zero_point));
        store(hn::Mul(steps, scale), Floats(), values + i, available);
      });
}

void fake_quantize_run(const float* values, std::size_t count, const RunParams& params,
                       CodeRange range, float* results) {
  for_each_vector(
      count, params,
      [=](std::size_t i, std::size_t available, FloatVector scale, IntVector zero_point) {
        const auto x = load(Floats(), values + i, available);
        const auto rounded = hn::Round(saturated_steps(x, scale, zero_point, range));
        // An integer has no -0: adding 0 turns it into 0.
        const auto steps = hn::Add(rounded, hn::Zero(Floats()));
        store(hn::Mul(steps, scale), Floats(), results + i, available);
      });
}

#define OCTAVO_SIMD_CODE(name)                                                                   \
  void quantize_##name(const float* values, std::size_t count, const RunParams& params,          \
                       CodeRange range, std::name##_t* codes) {                                  \
    quantize_run(values, count, params, range, codes);                                           \
  }                                                                                              \
  void dequantize_##name(const std::name##_t* codes, std::size_t count, const RunParams& params, \
                         float* values) {                                                        \
    dequantize_run(codes, count, params, values);                                                \
  }
#include "core/kernels/simd_code_list.inc"
#undef OCTAVO_SIMD_CODE

}  // namespace HWY_NAMESPACE
}  // namespace octavo::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace octavo::simd {

#define OCTAVO_SIMD_CODE(name)                                                           \
  HWY_EXPORT(quantize_##name);                                                           \
  HWY_EXPORT(dequantize_##name);                                                         \
  void quantize(std::span<const float> values, const RunParams& params, CodeRange range, \
                std::span<std::name##_t> codes) {                                        \
    HWY_DYNAMIC_DISPATCH(quantize_##name)                                                \
    (values.data(), values.size(), params, range, codes.data());                         \
  }                                                                                      \
  void dequantize(std::span<const std::name##_t> codes, const RunParams& params,         \
                  std::span<float> values) {                                             \
    HWY_DYNAMIC_DISPATCH(dequantize_##name)                                              \
    (codes.data(), codes.size(), params, values.data());                                 \
  }
#include "core/kernels/simd_code_list.inc"
#undef OCTAVO_SIMD_CODE

HWY_EXPORT(fake_quantize_run);
void fake_quantize(std::span<const float> values, const RunParams& params, CodeRange range,
                   std::span<float> results) {
  HWY_DYNAMIC_DISPATCH(fake_quantize_run)
  (values.data(), values.size(), params, range, results.data());
}

}  // namespace octavo::simd
#endif  // HWY_ONCE
