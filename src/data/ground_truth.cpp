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
// What its numbers are, for a label_offset.
enum class Holds : std::uint8_t { kNoClass, kClassOfABox, kClassOfAPixel, kColumnOfAClass };

// Label maps of 8 bits have no -1.
constexpr std::int64_t kVoidPixel = 255;

struct Meaning {
  std::string_view name;
  std::string_view expected;  // after the number of samples
  std::size_t rank;
  std::int64_t last_axis;  // -1: any
  Numbers numbers;
  Holds holds;
};

constexpr std::array<Meaning, 4> kMeanings = {{
    {"boxes", "boxes, 4], of numbers: left, top, right, bottom", 3, 4, Numbers::kAny,
     Holds::kNoClass},
    {"classes", "boxes], of whole numbers, -1 where there is no box", 2, -1, Numbers::kWhole,
     Holds::kClassOfABox},
    {"label_map", "height, width], of whole numbers", 3, -1, Numbers::kWhole,
     Holds::kClassOfAPixel},
    {"label_set", "classes], of whole numbers, 0 or 1", 2, -1, Numbers::kWhole,
     Holds::kColumnOfAClass},
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

// Class `stored` of what is stored, shifted; says why where it cannot be.
std::int64_t shifted(std::int64_t stored, Holds holds, std::int64_t offset) {
  const bool is_pixel = holds == Holds::kClassOfAPixel;
  if (stored < 0 || (is_pixel && stored == kVoidPixel)) return stored;
  const std::int64_t shifted = stored + offset;
  if (is_pixel && (stored > kVoidPixel || shifted == kVoidPixel)) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("class {} shifted by a label_offset of {}, expected classes below 255: "
                            "that number stands for pixels that do not count",
                            stored, offset));
  }
  // Of a label map, what the offset takes out does not count, as a class "other" of number 0.
  if (is_pixel || shifted >= 0) return shifted;
  throw Error(ErrorCode::kInvalidData,
              fmt::format("class {} shifted by a label_offset of {}, expected 0 or above: below is "
                          "no box",
                          stored, offset));
}

Tensor shifted(const Tensor& stored, const Meaning& meaning, std::int64_t offset) {
  if (meaning.holds == Holds::kColumnOfAClass) {
    throw Error(
        ErrorCode::kInvalidData,
        fmt::format("a label_offset of {} cannot be meant: its columns are the classes", offset));
  }
  Tensor classes(DType::kInt64, stored.shape());
  const auto values = classes.mutable_as<std::int64_t>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = shifted(static_cast<std::int64_t>(stored.at(i)), meaning.holds, offset);
  }
  return classes;
}

Tensor read_rows(const Npz& npz, const std::string& array, const Meaning& meaning,
                 const TruthRequest& request) {
  Tensor stored = npz.read_rows(array, request.rows);
  if (request.label_offset == 0 || meaning.holds == Holds::kNoClass) return stored;
  try {
    return shifted(stored, meaning, request.label_offset);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: {} '{}': {}", npz.path().string(), meaning.name,
                                          array, error.what()));
  }
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
    if (array) truth.emplace(meaning.name, read_rows(npz, *array, meaning, request));
  }
  return truth;
}

}  // namespace octavo
