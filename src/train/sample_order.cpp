#include "train/sample_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace octavo {
namespace {

constexpr std::uint64_t kHoldOutEpoch = ~std::uint64_t{0};

// Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", figure 16.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

}  // namespace

std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::uint64_t state = mix(mix(seed) ^ epoch);
  for (std::size_t i = count; i > 1; --i) {
    state = mix(state);
    std::swap(order[i - 1], order[state % i]);
  }
  return order;
}

SampleSplit split_samples(std::size_t count, double hold_out, std::uint64_t seed) {
  const std::vector<std::size_t> order = shuffled(count, seed, kHoldOutEpoch);
  const auto aside = static_cast<std::size_t>(std::llround(hold_out * static_cast<double>(count)));
  SampleSplit split;
  split.held_out.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(aside));
  split.training.assign(order.begin() + static_cast<std::ptrdiff_t>(aside), order.end());
  std::sort(split.held_out.begin(), split.held_out.end());
  std::sort(split.training.begin(), split.training.end());
  return split;
}

double random_share(std::uint64_t seed, std::uint64_t epoch, std::uint64_t sample,
                    std::uint64_t purpose) {
  const std::uint64_t bits = mix(mix(mix(mix(seed) ^ epoch) ^ sample) ^ purpose);
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace octavo
