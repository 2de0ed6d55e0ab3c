#include "data/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/image.h"
#include "data/preprocess.h"
#include "data/sample_check.h"
#include "octavo/error.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLabelFile = "labels.csv";

struct Entry {
  fs::path path;
  std::optional<std::int64_t> label;
};

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::kInvalidData, what); }

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// Each word's number: itself if all are numbers, else its rank.
std::map<std::string, std::int64_t> number_classes(const std::vector<std::string>& words) {
  std::map<std::string, std::int64_t> classes;
  for (const std::string& word : words) classes.emplace(word, 0);
  const bool numeric = std::all_of(classes.begin(), classes.end(), [](const auto& entry) {
    return parse_integer(entry.first).has_value();
  });
  std::int64_t rank = 0;
  for (auto& [word, number] : classes) number = numeric ? *parse_integer(word) : rank++;
  return classes;
}

std::vector<fs::path> images_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && has_image_extension(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Entry> list_by_subfolder(const fs::path& folder) {
  std::vector<fs::path> subfolders;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) subfolders.push_back(entry.path());
  }
  std::sort(subfolders.begin(), subfolders.end());
  std::vector<std::string> names;
  for (const fs::path& subfolder : subfolders) names.push_back(subfolder.filename().string());
  const auto classes = number_classes(names);
  std::vector<Entry> entries;
  for (const fs::path& subfolder : subfolders) {
    for (fs::path& file : images_in(subfolder)) {
      entries.push_back({std::move(file), classes.at(subfolder.filename().string())});
    }
  }
  return entries;
}

std::vector<Entry> list_by_csv(const fs::path& folder) {
  const fs::path csv = folder / kLabelFile;
  std::ifstream stream(csv);
  std::vector<std::pair<std::string, std::string>> rows;
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    const std::size_t comma = line.rfind(',');
    if (comma == std::string::npos) {
      fail(fmt::format("{}:{}: '{}', expected file,label", csv.string(), number, line));
    }
    const std::string file = line.substr(0, comma);
    if (number == 1 && !fs::exists(folder / file)) continue;  // a header
    if (!fs::exists(folder / file)) {
      fail(fmt::format("{}:{}: there is no file '{}'", csv.string(), number, file));
    }
    rows.emplace_back(file, line.substr(comma + 1));
  }
  std::vector<std::string> words;
  for (const auto& row : rows) words.push_back(row.second);
  const auto classes = number_classes(words);
  std::vector<Entry> entries;
  for (const auto& [file, word] : rows) entries.push_back({folder / file, classes.at(word)});
  return entries;
}

std::vector<Entry> list_images(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such folder", folder.string()));
  }
  if (fs::exists(folder / kLabelFile)) return list_by_csv(folder);
  std::vector<Entry> entries;
  for (fs::path& file : images_in(folder)) entries.push_back({std::move(file), std::nullopt});
  return entries.empty() ? list_by_subfolder(folder) : entries;
}

// What the recipe leaves open follows from the input's shape.
Preprocessing complete(Preprocessing steps, const TensorInfo& input, const fs::path& folder) {
  if (input.shape.size() != 4) {
    fail(fmt::format("{}: images cannot feed input '{}' of shape {}, expected 4 dimensions",
                     folder.string(), input.name, to_string(input.shape)));
  }
  const auto is_colour = [](std::int64_t size) { return size == 1 || size == 3; };
  if (steps.layout == Layout::kAsStored) {
    const bool last = is_colour(input.shape[3]) && !is_colour(input.shape[1]);
    steps.layout = last ? Layout::kNhwc : Layout::kNchw;
  }
  const bool channels_last = steps.layout == Layout::kNhwc;
  if (input.shape[channels_last ? 3 : 1] == 1) steps.colours = ColourOrder::kGray;
  if (steps.short_side || steps.exact_size || steps.crop) return steps;
  const auto height = static_cast<int>(input.shape[channels_last ? 1 : 2]);
  const auto width = static_cast<int>(input.shape[channels_last ? 2 : 3]);
  if (height < 0 || width < 0) {
    fail(
        fmt::format("{}: input '{}' takes images of any size {}; a data recipe must say which "
                    "(resize, crop)",
                    folder.string(), input.name, to_string(input.shape)));
  }
  steps.exact_size = {height, width};
  return steps;
}

class ImageFolder final : public Dataset {
 public:
  ImageFolder(const DataRecipe& recipe, const TensorInfo& input)
      : label_offset_(recipe.label_offset),
        input_(input),
        steps_(complete(recipe.preprocessing, input, recipe.source)) {
    const std::vector<Entry> all = list_images(recipe.source);
    for (const std::size_t index : select(recipe.selection, all.size())) {
      entries_.push_back(all[index]);
    }
    if (entries_.empty()) {
      fail(fmt::format("{}: no samples: {} images found, 0 selected", recipe.source.string(),
                       all.size()));
    }
  }

  std::size_t size() const override { return entries_.size(); }
  bool labelled() const override { return entries_.front().label.has_value(); }

  Sample at(std::size_t index) const override {
    const Entry& entry = entries_.at(index);
    Sample sample;
    sample.name = entry.path.string();
    sample.inputs.push_back(
        fit_to_input(preprocess(read_image(entry.path), steps_), input_, sample.name));
    if (entry.label) sample.label = *entry.label + label_offset_;
    return sample;
  }

 private:
  std::int64_t label_offset_;
  TensorInfo input_;
  Preprocessing steps_;
  std::vector<Entry> entries_;
};

}  // namespace

std::unique_ptr<Dataset> open_image_folder(const DataRecipe& recipe,
                                           std::span<const TensorInfo> model_inputs) {
  if (model_inputs.size() != 1) {
    fail(fmt::format("{}: images can feed one input, the model has {}", recipe.source.string(),
                     model_inputs.size()));
  }
  return std::make_unique<ImageFolder>(recipe, model_inputs.front());
}

}  // namespace octavo
