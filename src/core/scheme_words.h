// The words by which users write, and outputs name, the parts of a scheme.
#pragma once

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "octavo/error.h"
#include "octavo/quantization.h"

namespace octavo {

template <typename T, std::size_t N>
using Words = std::array<std::pair<std::string_view, T>, N>;

inline constexpr Words<Symmetry, 2> kSymmetryWords = {
    {{"symmetric", Symmetry::kSymmetric}, {"asymmetric", Symmetry::kAsymmetric}}};

// Those that a recipe may ask for: blocks are asked for by their size.
inline constexpr Words<Granularity, 2> kGranularityWords = {
    {{"per-tensor", Granularity::kPerTensor}, {"per-channel", Granularity::kPerChannel}}};

// Throws Error(kInvalidArgument): "'WORD', expected A or B".
template <typename T>
T value_of(std::string_view word, const Words<T, 2>& words) {
  for (const auto& [known, value] : words) {
    if (known == word) return value;
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("'{}', expected {} or {}", word, words[0].first, words[1].first));
}

inline std::string_view to_string(Symmetry symmetry) {
  return symmetry == Symmetry::kSymmetric ? "symmetric" : "asymmetric";
}

inline std::string_view to_string(Granularity granularity) {
  switch (granularity) {
    case Granularity::kPerTensor:
      return "per-tensor";
    case Granularity::kPerChannel:
      return "per-channel";
    case Granularity::kPerBlock:
      return "per-block";
  }
  return "";
}

}  // namespace octavo
