#include "calibration/sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "calibration/sketch_kernel.h"

namespace octavo {
namespace {

constexpr std::uint32_t kNegativePages = Sketch::kPages / 2;
constexpr int kDroppedBits = 23 - Sketch::kMantissaBits;

double edge(std::uint32_t bin) {
  return static_cast<double>(std::bit_cast<float>(bin << kDroppedBits));
}

// The pages of every magnitude that a block may hold, under the signs that it has.
void open_pages(const BlockSummary& block, BinCounts& counts) {
  if (block.bins == 0) return;
  constexpr unsigned kExponentBits = 23;
  const std::uint32_t first = block.smallest >> kExponentBits;
  const std::uint32_t last = block.largest >> kExponentBits;
  if (block.max > 0) counts.open_pages(first, last);
  if (block.min < 0) counts.open_pages(kNegativePages + first, kNegativePages + last);
}

}  // namespace

// -0 becomes +0 on the way: which of the two a vector minimum returns is not defined.
void Sketch::widen(float min, float max) {
  min_ = (finite_ == 0 ? min : std::min(min_, min)) + 0.0F;
  max_ = (finite_ == 0 ? max : std::max(max_, max)) + 0.0F;
}

void Sketch::observe_one(float value) {
  if (std::isnan(value)) {
    ++nan_;
  } else if (std::isinf(value)) {
    ++(value > 0 ? positive_infinity_ : negative_infinity_);
  } else {
    widen(value, value);
    ++finite_;
    const std::uint32_t bin = std::bit_cast<std::uint32_t>(value) >> kDroppedBits;
    if (value == 0) {
      ++zeros_;
    } else {
      counts_.add(bin, 1);
    }
  }
}

Sketch::Extremes Sketch::observe(std::span<const float> values) {
  Extremes seen;
  const auto include = [&](float min, float max) {
    seen.min = (seen.any ? std::min(seen.min, min) : min) + 0.0F;
    seen.max = (seen.any ? std::max(seen.max, max) : max) + 0.0F;
    seen.any = true;
  };
  std::array<std::uint32_t, kSketchBlock + kSketchBlockPadding> bins;  // NOLINT: filled below
  while (!values.empty()) {
    const auto block = values.first(std::min(values.size(), kSketchBlock));
    values = values.subspan(block.size());
    const BlockSummary summary = summarize_block(block, bins.data());
    if (summary.finite) {
      include(summary.min, summary.max);
      widen(summary.min, summary.max);
      finite_ += block.size();
      zeros_ += block.size() - summary.bins;
      open_pages(summary, counts_);
      counts_.count(std::span(bins).first(summary.bins));
      continue;
    }
    for (const float value : block) {
      observe_one(value);
      if (std::isfinite(value)) include(value, value);
    }
  }
  return seen;
}

void Sketch::merge(const Sketch& other) {
  if (other.finite_ > 0) widen(other.min_, other.max_);
  finite_ += other.finite_;
  zeros_ += other.zeros_;
  nan_ += other.nan_;
  positive_infinity_ += other.positive_infinity_;
  negative_infinity_ += other.negative_infinity_;
  counts_.merge(other.counts_);
}

std::vector<Sketch::Bin> Sketch::bins() const {
  std::vector<Bin> result;
  const auto add = [&](std::uint64_t count, double lower, double upper) {
    if (count > 0) result.push_back({lower, upper, count});
  };
  // Negative numbers grow in magnitude with their bits: from the last page down.
  for (std::uint32_t p = kPages; p-- > kNegativePages;) {
    if (!counts_.is_open(p)) continue;
    const BinCounts::PageCounts page = counts_.page(p);
    for (std::uint32_t i = kBinsPerPage; i-- > 0;) {
      add(page[i], edge(p * kBinsPerPage + i + 1), edge(p * kBinsPerPage + i));
    }
  }
  if (zeros_ > 0) result.push_back({0, 0, zeros_});
  for (std::uint32_t p = 0; p < kNegativePages; ++p) {
    if (!counts_.is_open(p)) continue;
    const BinCounts::PageCounts page = counts_.page(p);
    for (std::uint32_t i = 0; i < kBinsPerPage; ++i) {
      add(page[i], edge(p * kBinsPerPage + i), edge(p * kBinsPerPage + i + 1));
    }
  }
  if (!result.empty()) {
    result.front().lower = std::max(result.front().lower, static_cast<double>(min_));
    result.back().upper = std::min(result.back().upper, static_cast<double>(max_));
  }
  return result;
}

double Sketch::mean() const {
  if (finite_ == 0) return 0;
  double sum = 0;
  for (const Bin& bin : bins()) sum += bin.middle() * static_cast<double>(bin.count);
  return sum / static_cast<double>(finite_);
}

double Sketch::standard_deviation() const {
  if (finite_ == 0) return 0;
  const double center = mean();
  double sum = 0;
  for (const Bin& bin : bins()) {
    const double distance = bin.middle() - center;
    sum += distance * distance * static_cast<double>(bin.count);
  }
  return std::sqrt(sum / static_cast<double>(finite_));
}

bool Sketch::operator==(const Sketch& other) const {
  const bool counters = finite_ == other.finite_ && zeros_ == other.zeros_ && nan_ == other.nan_ &&
                        positive_infinity_ == other.positive_infinity_ &&
                        negative_infinity_ == other.negative_infinity_ && min() == other.min() &&
                        max() == other.max();
  return counters && counts_ == other.counts_;
}

}  // namespace octavo
