#include "calibration/sketch_kernel.h"

#include <algorithm>
#include <bit>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "calibration/sketch_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace octavo::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Appends the bins of a vector's nonzero values; returns their number.
template <class Bits, class Mask>
std::size_t append_bins(Bits bits, Mask nonzero, const float* values, std::uint32_t* bins) {
  const hn::DFromV<Bits> tag;
#if HWY_MAX_BYTES >= 64
  (void)values;
  // Not CompressStore: compressing straight into memory is microcoded on AMD's Zen 4 and 5.
  hn::StoreU(hn::Compress(hn::ShiftRight<13>(bits), nonzero), tag, bins);
  return hn::CountTrue(tag, nonzero);
#else
  // Without a compress instruction, its emulation is slower than one value at a time.
  (void)bits;
  (void)nonzero;
  std::size_t written = 0;
  for (std::size_t lane = 0; lane < hn::Lanes(tag); ++lane) {
    const auto value = std::bit_cast<std::uint32_t>(values[lane]);
    bins[written] = value >> 13U;
    written += (value & 0x7FFFFFFFU) != 0 ? 1 : 0;
  }
  return written;
#endif
}

BlockSummary summarize_block_simd(std::span<const float> values, std::uint32_t* bins) {
  const hn::ScalableTag<float> tag;
  const hn::RebindToUnsigned<decltype(tag)> bits_tag;
  const std::size_t lanes = hn::Lanes(tag);
  const std::size_t whole = values.size() / lanes * lanes;
  const auto magnitude = hn::Set(bits_tag, kMagnitudeMask);
  auto min = hn::Set(tag, values[0]);
  auto max = min;
  auto largest = hn::Zero(bits_tag);
  auto smallest_less_one = hn::Set(bits_tag, 0xFFFFFFFFU);
  const auto one = hn::Set(bits_tag, 1U);
  std::size_t written = 0;
  for (std::size_t i = 0; i < whole; i += lanes) {
    const auto value = hn::LoadU(tag, values.data() + i);
    const auto bits = hn::BitCast(bits_tag, value);
    const auto unsigned_bits = hn::And(bits, magnitude);
    min = hn::Min(min, value);
    max = hn::Max(max, value);
    largest = hn::Max(largest, unsigned_bits);
    // 0 - 1 wraps around to the largest number: zeros drop out of the minimum.
    smallest_less_one = hn::Min(smallest_less_one, hn::Sub(unsigned_bits, one));
    const auto nonzero = hn::Ne(unsigned_bits, hn::Zero(bits_tag));
    written += append_bins(bits, nonzero, values.data() + i, bins + written);
  }
  BlockSummary summary;
  summary.bins = written;
  summary.min = hn::GetLane(hn::MinOfLanes(tag, min));
  summary.max = hn::GetLane(hn::MaxOfLanes(tag, max));
  summary.largest = hn::GetLane(hn::MaxOfLanes(bits_tag, largest));
  if (written > 0) {
    summary.smallest = hn::GetLane(hn::MinOfLanes(bits_tag, smallest_less_one)) + 1;
  }
  summary.finite = summary.largest < kExponentMask;
  if (whole < values.size()) {
    const BlockSummary rest = summarize_block_reference(values.subspan(whole), bins + summary.bins);
    summary.bins += rest.bins;
    summary.finite = summary.finite && rest.finite;
    summary.min = std::min(summary.min, rest.min);
    summary.max = std::max(summary.max, rest.max);
    summary.smallest = std::min(summary.smallest, rest.smallest);
    summary.largest = std::max(summary.largest, rest.largest);
  }
  return summary;
}

}  // namespace octavo::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace octavo {

HWY_EXPORT(summarize_block_simd);

BlockSummary summarize_block(std::span<const float> values, std::uint32_t* bins) {
  return HWY_DYNAMIC_DISPATCH(summarize_block_simd)(values, bins);
}

BlockSummary summarize_block_reference(std::span<const float> values, std::uint32_t* bins) {
  BlockSummary summary;
  summary.min = values[0];
  summary.max = values[0];
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t magnitude = bits & kMagnitudeMask;
    if (magnitude >= kExponentMask) summary.finite = false;
    summary.min = std::min(summary.min, value);
    summary.max = std::max(summary.max, value);
    if (magnitude == 0) continue;
    summary.smallest = std::min(summary.smallest, magnitude);
    summary.largest = std::max(summary.largest, magnitude);
    bins[summary.bins++] = bits >> 13U;
  }
  return summary;
}

}  // namespace octavo
#endif
