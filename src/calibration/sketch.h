// A histogram of float32 values in bounded memory that merges exactly.
//
// A value's bin is its own bits: sign, exponent and the top ten bits of the mantissa. So bins are
// 2^-10 of their value wide at every magnitude, nothing has to be known beforehand, and a value
// read back from a bin is off by at most 2^-11 of itself. Counts are integers: the order of
// observations, and how they were split over machines, leave no trace. 1,024 counters a sign and
// exponent, made when first needed: a typical activation takes 50 to 150 kB, however many samples.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "calibration/bin_counts.h"

namespace octavo {

class Sketch {
 public:
  static constexpr int kMantissaBits = 10;
  static constexpr std::uint32_t kBinsPerPage = BinCounts::kBinsPerPage;  // mantissas
  static constexpr std::uint32_t kPages = BinCounts::kPages;              // sign and exponent
  static_assert(kBinsPerPage == 1U << kMantissaBits);

  // Values between lower and upper, both of one sign; upper excluded in magnitude.
  struct Bin {
    double lower = 0;
    double upper = 0;
    std::uint64_t count = 0;
    double middle() const { return (lower + upper) / 2; }
  };

  // What one call of observe() saw.
  struct Extremes {
    bool any = false;  // false: no finite value
    float min = 0;
    float max = 0;
  };
  Extremes observe(std::span<const float> values);
  void merge(const Sketch& other);

  std::uint64_t count() const { return finite_ + nan_ + positive_infinity_ + negative_infinity_; }
  std::uint64_t finite() const { return finite_; }  // zeros included
  std::uint64_t zeros() const { return zeros_; }
  std::uint64_t nan() const { return nan_; }
  std::uint64_t positive_infinity() const { return positive_infinity_; }
  std::uint64_t negative_infinity() const { return negative_infinity_; }
  // Exact, over the finite values; 0 if there is none.
  float min() const { return finite_ == 0 ? 0 : min_; }
  float max() const { return finite_ == 0 ? 0 : max_; }

  // The bins that hold something, ascending, zeros as a bin {0, 0, zeros}. The first and last are
  // cut to min() and max().
  std::vector<Bin> bins() const;
  // Both from bin middles: off by at most 2^-11 of the largest magnitude.
  double mean() const;
  double standard_deviation() const;

  bool operator==(const Sketch& other) const;

 private:
  friend class StatisticsFile;

  void widen(float min, float max);
  void observe_one(float value);

  BinCounts counts_;
  std::uint64_t finite_ = 0;
  std::uint64_t zeros_ = 0;
  std::uint64_t nan_ = 0;
  std::uint64_t positive_infinity_ = 0;
  std::uint64_t negative_infinity_ = 0;
  float min_ = 0;
  float max_ = 0;
};

}  // namespace octavo
