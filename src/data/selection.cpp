#include "data/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <random>
#include <utility>

#include "octavo/error.h"

namespace octavo {
namespace {

std::vector<std::size_t> range(std::size_t begin, std::size_t end) {
  std::vector<std::size_t> indices(end - begin);
  std::iota(indices.begin(), indices.end(), begin);
  return indices;
}

// Fisher-Yates by hand: std::shuffle and the distributions differ between standard libraries.
void draw(std::vector<std::size_t>& indices, std::size_t count, std::uint64_t seed) {
  if (count >= indices.size()) return;
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(indices[i], indices[i + random() % (indices.size() - i)]);
  }
  indices.resize(count);
  std::sort(indices.begin(), indices.end());
}

std::vector<std::size_t> selected_or_rest(const Selection& selection, std::size_t count) {
  std::size_t begin = std::min(selection.skip, count);
  std::size_t end = count;
  if (selection.first) end = begin + std::min(*selection.first, count - begin);
  if (selection.last) begin = std::max(begin, end - std::min(*selection.last, end));
  std::vector<std::size_t> indices;
  for (std::size_t i = begin; i < end; i += selection.every) indices.push_back(i);
  if (selection.draw) draw(indices, *selection.draw, selection.seed);
  if (selection.part == Selection::Part::kSelected) return indices;
  const std::vector<std::size_t> all = range(0, count);
  std::vector<std::size_t> rest;
  std::set_difference(all.begin(), all.end(), indices.begin(), indices.end(),
                      std::back_inserter(rest));
  return rest;
}

}  // namespace

std::vector<std::size_t> select(const Selection& selection, std::size_t count) {
  std::vector<std::size_t> indices = selected_or_rest(selection, count);
  if (selection.picks.empty()) return indices;
  std::vector<std::size_t> picked;
  for (const std::size_t pick : selection.picks) {
    if (pick >= indices.size()) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("picks: {}, expected positions below {}: what 'select' leaves", pick,
                              indices.size()));
    }
    picked.push_back(indices[pick]);
  }
  std::sort(picked.begin(), picked.end());
  return picked;
}

std::vector<std::size_t> evenly_spread(std::size_t most, std::size_t count) {
  std::vector<std::size_t> indices(std::min(most, count));
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i * count / indices.size();
  return indices;
}

}  // namespace octavo
