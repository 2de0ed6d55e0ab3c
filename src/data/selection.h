// Which of the stored samples are used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace octavo {

// Narrowed in this order: skip, first or last, every, draw; then `part`; then `picks`.
struct Selection {
  enum class Part : std::uint8_t {
    kSelected,
    kRest,  // everything that the same selection would leave out: a split without overlap
  };

  std::size_t skip = 0;
  std::optional<std::size_t> first = {};
  std::optional<std::size_t> last = {};
  std::size_t every = 1;                 // each `every`-th, beginning with the first
  std::optional<std::size_t> draw = {};  // so many at random, without repetition
  std::uint64_t seed = 0;
  Part part = Part::kSelected;
  std::vector<std::size_t> picks = {};  // positions among those left; empty: all of them
};

// The indices that a selection takes out of `count` samples, ascending. The draw is the same on
// every machine. Throws Error(kInvalidData) for a pick that is not there.
std::vector<std::size_t> select(const Selection& selection, std::size_t count);

// Up to `most` of `count` indices, ascending and evenly spread, beginning with the first.
std::vector<std::size_t> evenly_spread(std::size_t most, std::size_t count);

}  // namespace octavo
