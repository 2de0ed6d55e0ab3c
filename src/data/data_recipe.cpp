#include "data/data_recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "config/config.h"

namespace octavo {
namespace {

constexpr std::array<std::pair<std::string_view, Layout>, 3> kLayouts = {
    {{"as_stored", Layout::kAsStored}, {"nchw", Layout::kNchw}, {"nhwc", Layout::kNhwc}}};
constexpr std::array<std::pair<std::string_view, ColourOrder>, 3> kColourOrders = {
    {{"rgb", ColourOrder::kRgb}, {"bgr", ColourOrder::kBgr}, {"gray", ColourOrder::kGray}}};

int read_length(const Config& config) {
  const std::int64_t length = config.as_integer();
  if (length < 1 || length > 1 << 16) config.fail("expected a length in pixels, 1 to 65536");
  return static_cast<int>(length);
}

std::pair<int, int> read_size(const Config& config) {
  const auto items = config.items();
  if (items.size() != 2) config.fail("expected [height, width]");
  return {read_length(items[0]), read_length(items[1])};
}

std::vector<double> read_per_channel(const Config& config) {
  if (!config.is_list()) return {config.as_number()};
  const std::vector<double> numbers = config.as_numbers();
  if (numbers.empty()) config.fail("expected one number, or one a channel");
  return numbers;
}

std::size_t read_count(const Config& config) {
  const std::int64_t count = config.as_integer();
  if (count < 0) config.fail("expected a count of samples");
  return static_cast<std::size_t>(count);
}

void read_resize(const Config& config, Preprocessing& preprocessing) {
  config.read_map([&](const Config& map) {
    if (const auto side = map.find("short_side")) preprocessing.short_side = read_length(*side);
    if (const auto size = map.find("exact")) preprocessing.exact_size = read_size(*size);
    if (preprocessing.short_side.has_value() == preprocessing.exact_size.has_value()) {
      map.fail("expected either short_side or exact");
    }
  });
}

double read_nonzero(const Config& config) {
  const double number = config.as_number();
  if (number == 0) config.fail("expected a number other than 0");
  return number;
}

void read_values(const Config& config, Preprocessing& preprocessing) {
  config.read_map([&](const Config& map) {
    if (const auto divide = map.find("divide")) preprocessing.divide = read_nonzero(*divide);
    if (const auto mean = map.find("mean")) preprocessing.mean = read_per_channel(*mean);
    if (const auto std_dev = map.find("std")) {
      preprocessing.standard_deviation = read_per_channel(*std_dev);
      for (const double value : preprocessing.standard_deviation) {
        if (!(value > 0)) std_dev->fail("expected numbers above 0");
      }
    }
    if (const auto multiply = map.find("multiply")) {
      preprocessing.multiply = read_nonzero(*multiply);
    }
  });
}

Selection read_selection(const Config& config) {
  Selection selection;
  config.read_map([&](const Config& map) {
    if (const auto first = map.find("first")) selection.last = read_count(*first);
    if (const auto skip = map.find("skip")) {
      selection.first = read_count(*skip);
      if (selection.last != SIZE_MAX) selection.last += selection.first;
    }
    if (const auto every = map.find("every")) {
      selection.every = read_count(*every);
      if (selection.every == 0) every->fail("expected at least 1");
    }
    if (const auto rest = map.find("all_but_every")) {
      selection.all_but_every = read_count(*rest);
      if (selection.all_but_every < 2) rest->fail("expected at least 2");
    }
    if (const auto draw = map.find("draw")) selection.draw = read_count(*draw);
    if (const auto seed = map.find("seed")) selection.seed = read_count(*seed);
  });
  return selection;
}

}  // namespace

DataRecipe read_data_recipe(const std::filesystem::path& path) {
  DataRecipe recipe;
  Config::read(path).read_map([&](const Config& map) {
    recipe.source = path.parent_path() / map.at("source").as_string();
    if (const auto arrays = map.find("arrays")) {
      for (const std::string& input : arrays->keys()) {
        recipe.arrays[input] = arrays->at(input).as_string();
      }
    }
    if (const auto labels = map.find("labels")) recipe.labels = labels->as_string();
    if (const auto offset = map.find("label_offset")) recipe.label_offset = offset->as_integer();
    Preprocessing& preprocessing = recipe.preprocessing;
    if (const auto resize = map.find("resize")) read_resize(*resize, preprocessing);
    if (const auto crop = map.find("crop")) preprocessing.crop = read_size(*crop);
    if (const auto colours = map.find("colours")) {
      preprocessing.colours = colours->as_choice(kColourOrders);
    }
    if (const auto values = map.find("values")) read_values(*values, preprocessing);
    if (const auto layout = map.find("layout")) preprocessing.layout = layout->as_choice(kLayouts);
    if (const auto selected = map.find("select")) recipe.selection = read_selection(*selected);
  });
  return recipe;
}

std::vector<std::size_t> select(const Selection& selection, std::size_t count) {
  std::vector<std::size_t> indices;
  const std::size_t last = std::min(selection.last, count);
  for (std::size_t i = selection.first; i < last; ++i) {
    const std::size_t position = i - selection.first;
    const bool kept = selection.all_but_every != 0 ? position % selection.all_but_every != 0
                                                   : position % selection.every == 0;
    if (kept) indices.push_back(i);
  }
  if (!selection.draw || *selection.draw >= indices.size()) return indices;
  // Fisher-Yates by hand: std::shuffle and the distributions differ between standard libraries.
  std::mt19937_64 random(selection.seed);
  for (std::size_t i = 0; i < *selection.draw; ++i) {
    std::swap(indices[i], indices[i + random() % (indices.size() - i)]);
  }
  indices.resize(*selection.draw);
  std::sort(indices.begin(), indices.end());
  return indices;
}

}  // namespace octavo
