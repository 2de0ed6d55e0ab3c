// Which samples a training sees, and when: the same for the same seed on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace octavo {

// Positions 0..count-1 in an order that only `seed` and `epoch` decide (Fisher-Yates over
// splitmix64; the standard library's distributions differ between implementations).
std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed, std::uint64_t epoch);

// What is trained on and what is kept aside to judge on; each sorted, no sample in both.
struct SampleSplit {
  std::vector<std::size_t> training;
  std::vector<std::size_t> held_out;
};
SampleSplit split_samples(std::size_t count, double hold_out, std::uint64_t seed);

// A number of 0 <= x < 1 that only these decide.
double random_share(std::uint64_t seed, std::uint64_t epoch, std::uint64_t sample,
                    std::uint64_t purpose);

}  // namespace octavo
