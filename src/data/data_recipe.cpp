#include "data/data_recipe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "data/ground_truth.h"
#include "octavo/error.h"

namespace octavo {
namespace {

constexpr int kLargestLength = 1 << 16;
constexpr int kDeepestBase = 8;
constexpr std::string_view kNoLabels = "none";
constexpr std::array<std::pair<std::string_view, Layout>, 2> kLayouts = {
    {{"nchw", Layout::kNchw}, {"nhwc", Layout::kNhwc}}};
constexpr std::array<std::pair<std::string_view, ColourOrder>, 3> kColours = {
    {{"rgb", ColourOrder::kRgb}, {"bgr", ColourOrder::kBgr}, {"gray", ColourOrder::kGray}}};
constexpr std::array<std::pair<std::string_view, ColourOrder>, 2> kStoredColours = {
    {{"rgb", ColourOrder::kRgb}, {"bgr", ColourOrder::kBgr}}};
constexpr std::array<std::pair<std::string_view, Selection::Part>, 2> kParts = {
    {{"selected", Selection::Part::kSelected}, {"rest", Selection::Part::kRest}}};

int read_length(const Config& config) {
  const std::int64_t length = config.as_integer();
  if (length < 1 || length > kLargestLength) {
    config.fail(fmt::format("{}, expected a length of 1 to {} pixels", length, kLargestLength));
  }
  return static_cast<int>(length);
}

ImageSize read_size(const Config& config) {
  const auto items = config.items();
  if (items.size() != 2) config.fail("expected [height, width]");
  return {read_length(items[0]), read_length(items[1])};
}

Resize read_resize(const Config& config) {
  Resize resize;
  int modes = 0;
  config.read_map([&](const Config& map) {
    if (const auto side = map.find("short_side")) {
      const int length = read_length(*side);
      resize = {ResizeMode::kCover, {length, length}};
      ++modes;
    }
    if (const auto size = map.find("cover")) {
      resize = {ResizeMode::kCover, read_size(*size)};
      ++modes;
    }
    if (const auto size = map.find("exact")) {
      resize = {ResizeMode::kExact, read_size(*size)};
      ++modes;
    }
  });
  if (modes != 1) config.fail("expected one of short_side, cover, exact");
  return resize;
}

double read_nonzero(const Config& config) {
  const double number = config.as_number();
  if (!(std::abs(number) > 0)) config.fail("expected a number other than 0");
  return number;
}

std::vector<double> read_per_channel(const Config& config) {
  if (!config.is_list()) return {config.as_number()};
  std::vector<double> numbers = config.as_numbers();
  if (numbers.empty()) config.fail("expected one number, or one a channel");
  return numbers;
}

ValueSteps read_values(const Config& config) {
  ValueSteps steps;
  config.read_map([&](const Config& map) {
    if (const auto divide = map.find("divide")) steps.divide = read_nonzero(*divide);
    if (const auto mean = map.find("mean")) steps.mean = read_per_channel(*mean);
    if (const auto deviation = map.find("std")) {
      steps.standard_deviation = read_per_channel(*deviation);
      for (const double value : steps.standard_deviation) {
        if (!(value > 0)) deviation->fail(fmt::format("{}, expected numbers above 0", value));
      }
    }
    if (const auto multiply = map.find("multiply")) steps.multiply = read_nonzero(*multiply);
  });
  return steps;
}

StoredForm read_stored_form(const Config& config) {
  StoredForm form;
  config.read_map([&](const Config& map) {
    if (const auto layout = map.find("layout")) form.layout = layout->as_choice(kLayouts);
    if (const auto colours = map.find("colours")) form.colours = colours->as_choice(kStoredColours);
  });
  return form;
}

void read_input(const Config& map, InputRecipe& input) {
  if (const auto array = map.find("array")) input.array = array->as_string();
  if (const auto stored = map.find("stored")) input.stored = read_stored_form(*stored);
  if (const auto resize = map.find("resize")) input.steps.resize = read_resize(*resize);
  if (const auto crop = map.find("crop")) input.steps.crop = read_size(*crop);
  if (const auto colours = map.find("colours")) input.steps.colours = colours->as_choice(kColours);
  if (const auto values = map.find("values")) input.steps.values = read_values(*values);
  if (const auto layout = map.find("layout")) input.steps.layout = layout->as_choice(kLayouts);
}

std::map<std::string, InputRecipe> read_inputs(const Config& config) {
  std::map<std::string, InputRecipe> inputs;
  for (const std::string& name : config.keys()) {
    config.at(name).read_map([&](const Config& map) { read_input(map, inputs[name]); });
  }
  return inputs;
}

std::size_t read_count(const Config& config, std::int64_t lowest) {
  const std::int64_t count = config.as_integer();
  if (count < lowest) config.fail(fmt::format("{}, expected at least {}", count, lowest));
  return static_cast<std::size_t>(count);
}

Selection read_selection(const Config& config) {
  Selection selection;
  config.read_map([&](const Config& map) {
    if (const auto skip = map.find("skip")) selection.skip = read_count(*skip, 0);
    if (const auto first = map.find("first")) selection.first = read_count(*first, 1);
    if (const auto last = map.find("last")) selection.last = read_count(*last, 1);
    if (const auto every = map.find("every")) selection.every = read_count(*every, 1);
    if (const auto draw = map.find("draw")) selection.draw = read_count(*draw, 1);
    const auto seed = map.find("seed");
    if (seed) selection.seed = read_count(*seed, 0);
    if (const auto part = map.find("part")) selection.part = part->as_choice(kParts);
    if (selection.first && selection.last) map.fail("expected first or last, not both");
    if (seed && !selection.draw) seed->fail("a seed without 'draw'");
  });
  return selection;
}

std::vector<std::size_t> read_picks(const Config& config) {
  std::vector<std::size_t> picks;
  for (const Config& item : config.items()) picks.push_back(read_count(item, 0));
  if (picks.empty()) config.fail("expected positions of samples");
  std::vector<std::size_t> sorted = picks;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) config.fail(fmt::format("{} comes twice", *twice));
  return picks;
}

// Picks of a base that picks already count among those.
void narrow(Selection& selection, const Config& config) {
  std::vector<std::size_t> picks = read_picks(config);
  std::vector<std::size_t>& before = selection.picks;
  std::sort(before.begin(), before.end());
  for (std::size_t& pick : picks) {
    if (before.empty()) break;
    if (pick >= before.size()) {
      config.fail(fmt::format("{}, but the base picks only {} samples", pick, before.size()));
    }
    pick = before[pick];
  }
  selection.picks = std::move(picks);
}

// A recipe names its inputs, or says once what holds for the only one.
constexpr std::array<std::string_view, 7> kInputKeys = {"array",   "stored", "resize", "crop",
                                                        "colours", "values", "layout"};

void refuse_both_forms(const Config& map) {
  for (const std::string_view key : kInputKeys) {
    if (const auto found = map.find(key)) {
      found->fail("beside 'inputs'; move it below the input that it is meant for");
    }
  }
}

void read_labels(const Config& config, DataRecipe& recipe) {
  const std::string name = config.as_string();
  recipe.label_use = name == kNoLabels ? LabelUse::kNone : LabelUse::kWhereStored;
  recipe.labels.reset();
  if (name != kNoLabels) recipe.labels = name;
}

void read_truth(const Config& config, DataRecipe& recipe) {
  config.read_map([&](const Config& map) {
    for (const std::string& meaning : truth_meanings()) {
      if (const auto array = map.find(meaning)) recipe.truth[meaning] = array->as_string();
    }
  });
}

DataRecipe read_recipe(const std::filesystem::path& path, int depth);

// What this file does not say, its base does.
DataRecipe read_base(const Config& map, const std::filesystem::path& folder, int depth) {
  const auto base = map.find("base");
  if (!base) return {};
  if (depth == kDeepestBase) base->fail("too many recipes, each the base of the next");
  return read_recipe(folder / base->as_string(), depth + 1);
}

DataRecipe read_recipe(const std::filesystem::path& path, int depth) {
  DataRecipe recipe;
  const std::filesystem::path folder = path.parent_path();
  Config::read(path).read_map([&](const Config& map) {
    recipe = read_base(map, folder, depth);
    if (const auto source = map.find("source")) recipe.source = folder / source->as_string();
    if (recipe.source.empty()) map.fail("key 'source' is missing");
    if (const auto inputs = map.find("inputs")) recipe.inputs = read_inputs(*inputs);
    if (!recipe.inputs.empty()) refuse_both_forms(map);
    read_input(map, recipe.input);
    if (const auto labels = map.find("labels")) read_labels(*labels, recipe);
    if (const auto truth = map.find("truth")) read_truth(*truth, recipe);
    if (const auto offset = map.find("label_offset")) recipe.label_offset = offset->as_integer();
    if (const auto selected = map.find("select")) recipe.selection = read_selection(*selected);
    if (const auto picks = map.find("picks")) narrow(recipe.selection, *picks);
  });
  return recipe;
}

}  // namespace

DataRecipe read_data_recipe(const std::filesystem::path& path) { return read_recipe(path, 0); }

InputRecipe recipe_of_input(const DataRecipe& recipe, const std::string& input,
                            std::span<const TensorInfo> model_inputs) {
  std::vector<std::string> names;
  for (const TensorInfo& info : model_inputs) names.push_back(info.name);
  for (const auto& [name, unused] : recipe.inputs) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{}: the data recipe feeds input '{}', the model's inputs are: {}",
                            recipe.source.string(), name, fmt::join(names, ", ")));
  }
  if (recipe.inputs.empty() && recipe.input.array && names.size() > 1) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{}: one array, '{}', for {} inputs; name them under 'inputs': {}",
                            recipe.source.string(), *recipe.input.array, names.size(),
                            fmt::join(names, ", ")));
  }
  const auto found = recipe.inputs.find(input);
  return found == recipe.inputs.end() ? recipe.input : found->second;
}

}  // namespace octavo
