// The constants that come closest to what all tensors wish for.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "repair/channel_shifts.h"

namespace octavo {

// The shifts of `sum` should add up to `target`.
struct ShiftWish {
  ShiftSum sum;
  double target = 0;
  double weight = 1;
};

// They must not leave this; 0 lies within.
struct ShiftLimit {
  ShiftSum sum;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

// `count` shifts within all limits, with the least weighted sum of squares of what the wishes are
// missed by; to be exact, where no limit ties two shifts. What nothing wishes for is 0.
std::vector<double> settled_shifts(std::size_t count, std::span<const ShiftWish> wishes,
                                   std::span<const ShiftLimit> limits);

}  // namespace octavo
