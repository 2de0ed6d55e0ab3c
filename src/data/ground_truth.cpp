#include "data/ground_truth.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "octavo/error.h"

namespace octavo {
namespace {

enum class Numbers : std::uint8_t { kAny, kWhole };

struct Meaning {
  std::string_view name;
  std::string_view expected;  // after the number of samples
  std::size_t rank;
  std::int64_t last_axis;  // -1: any
  Numbers numbers;
};

constexpr std::array<Meaning, 4> kMeanings = {{
    {"boxes", "boxes, 4], of numbers: left, top, right, bottom", 3, 4, Numbers::kAny},
    {"classes", "boxes], of whole numbers, -1 where there is no box", 2, -1, Numbers::kWhole},
    {"label_map", "height, width], of whole numbers", 3, -1, Numbers::kWhole},
    {"label_set", "classes], of whole numbers, 0 or 1", 2, -1, Numbers::kWhole},
}};

bool fits(const NpyHeader& header, const Meaning& meaning, std::size_t samples) {
  const Shape& shape = header.shape;
  const DTypeTraits& type = traits(header.dtype);
  return shape.size() == meaning.rank && shape.front() == static_cast<std::int64_t>(samples) &&
         (meaning.last_axis < 0 || shape.back() == meaning.last_axis) &&
         (meaning.numbers == Numbers::kAny || type.is_integer() || header.dtype == DType::kBool);
}

// The array that has this meaning, if any does.
std::optional<std::string> array_of(const Npz& npz, const TruthRequest& request,
                                    const Meaning& meaning) {
  const auto named = request.arrays.find(std::string(meaning.name));
  if (named != request.arrays.end()) {
    const NpyHeader header = npz.header(named->second);
    if (fits(header, meaning, request.samples)) return named->second;
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{}: {} '{}' is {}{}, expected [{}, {}", npz.path().string(),
                            meaning.name, named->second, traits(header.dtype).name,
                            to_string(header.shape), request.samples, meaning.expected));
  }
  const bool feeds =
      std::find(request.taken.begin(), request.taken.end(), meaning.name) != request.taken.end();
  if (feeds || !npz.contains(meaning.name)) return {};
  const bool fitting = fits(npz.header(meaning.name), meaning, request.samples);
  return fitting ? std::optional(std::string(meaning.name)) : std::nullopt;
}

}  // namespace

std::vector<std::string> truth_meanings() {
  std::vector<std::string> names;
  for (const Meaning& meaning : kMeanings) names.emplace_back(meaning.name);
  return names;
}

std::map<std::string, Tensor> read_truth(const Npz& npz, const TruthRequest& request) {
  std::map<std::string, Tensor> truth;
  for (const Meaning& meaning : kMeanings) {
    const auto array = array_of(npz, request, meaning);
    if (array) truth.emplace(meaning.name, npz.read_rows(*array, request.rows));
  }
  return truth;
}

}  // namespace octavo
