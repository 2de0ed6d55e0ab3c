// How stored samples become a model's inputs, as a YAML file says it: docs/data.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "octavo/tensor.h"

namespace octavo {

enum class Layout : std::uint8_t { kAsStored, kNchw, kNhwc };
enum class ColourOrder : std::uint8_t { kRgb, kBgr, kGray };

// In this order: decode, resize, crop, colours, ((x / divide) - mean) / std * multiply, layout.
struct Preprocessing {
  std::optional<int> short_side;                  // resize
  std::optional<std::pair<int, int>> exact_size;  // resize: height, width
  std::optional<std::pair<int, int>> crop;        // height, width
  ColourOrder colours = ColourOrder::kRgb;
  double divide = 1;
  std::vector<double> mean = {0};  // one, or one a channel
  std::vector<double> standard_deviation = {1};
  double multiply = 1;
  Layout layout = Layout::kAsStored;
};

// Which of the stored samples, in this order: range, stride, seeded draw.
struct Selection {
  std::size_t first = 0;
  std::size_t last = SIZE_MAX;      // one past the end
  std::size_t every = 1;            // each `every`-th of the range, beginning with the first
  std::size_t all_but_every = 0;    // the complement: everything that `every` would not take
  std::optional<std::size_t> draw;  // so many of what is left, without repetition
  std::uint64_t seed = 0;
};

struct DataRecipe {
  std::filesystem::path source;  // an .npz or a folder
  // Arrays of an .npz: the model's input name -> the array's name. Empty: the same names.
  std::map<std::string, std::string> arrays;
  std::string labels = "labels";
  std::int64_t label_offset = 0;
  Preprocessing preprocessing;
  Selection selection;
};

// Throws Error(kNotFound, kInvalidFile), naming file, line and key.
DataRecipe read_data_recipe(const std::filesystem::path& path);

// The indices that a selection takes out of `count` samples, ascending.
std::vector<std::size_t> select(const Selection& selection, std::size_t count);

}  // namespace octavo
