#include "data/image_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "data/image.h"
#include "octavo/error.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLabelFile = "labels.csv";

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::kInvalidData, what); }

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// Each class's number: its name if all names are numbers, else its rank.
std::map<std::string, std::int64_t> number_classes(const std::vector<std::string>& names) {
  std::map<std::string, std::int64_t> classes;
  for (const std::string& name : names) classes.emplace(name, 0);
  std::map<std::string, std::int64_t> numbers;
  std::int64_t rank = 0;
  for (auto& [name, number] : classes) {
    number = rank++;
    if (const auto own = parse_integer(name)) numbers[name] = *own;
  }
  return numbers.size() == classes.size() ? numbers : classes;
}

std::vector<fs::path> list_folder(const fs::path& folder, bool (*wanted)(const fs::path&)) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const bool hidden = entry.path().filename().string().starts_with('.');
    if (!hidden && wanted(entry.path())) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<fs::path> images_in(const fs::path& folder) {
  return list_folder(folder, [](const fs::path& path) {
    return has_image_extension(path) && fs::is_regular_file(path);
  });
}

std::vector<fs::path> subfolders_of(const fs::path& folder) {
  return list_folder(folder, [](const fs::path& path) { return fs::is_directory(path); });
}

std::vector<ImageEntry> list_by_subfolder(const std::vector<fs::path>& subfolders) {
  std::vector<std::string> names;
  names.reserve(subfolders.size());
  for (const fs::path& subfolder : subfolders) names.push_back(subfolder.filename().string());
  const auto classes = number_classes(names);
  std::vector<ImageEntry> entries;
  for (const fs::path& subfolder : subfolders) {
    for (fs::path& file : images_in(subfolder)) {
      entries.push_back({std::move(file), classes.at(subfolder.filename().string())});
    }
  }
  return entries;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

struct Row {
  std::string file;
  std::string label;
};

std::vector<Row> read_label_file(const fs::path& path) {
  std::ifstream stream(path);
  if (!stream) throw Error(ErrorCode::kIo, fmt::format("{}: cannot be read", path.string()));
  std::vector<Row> rows;
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    if (trim(line).empty()) continue;
    const std::size_t comma = line.rfind(',');
    if (comma == std::string::npos) {
      fail(fmt::format("{}:{}: '{}', expected filename,label", path.string(), number, trim(line)));
    }
    const std::string_view text = line;
    Row row{std::string(trim(text.substr(0, comma))), std::string(trim(text.substr(comma + 1)))};
    if (number == 1 && !has_image_extension(row.file)) continue;  // a header
    if (row.label.empty()) {
      fail(fmt::format("{}:{}: '{}' has no label", path.string(), number, row.file));
    }
    std::error_code unreadable;  // a name that is too long, a folder without permission
    if (!fs::is_regular_file(path.parent_path() / row.file, unreadable)) {
      fail(fmt::format("{}:{}: there is no file '{}' in the folder", path.string(), number,
                       row.file));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<ImageEntry> list_by_label_file(const fs::path& folder) {
  const std::vector<Row> rows = read_label_file(folder / kLabelFile);
  std::vector<std::string> labels;
  labels.reserve(rows.size());
  for (const Row& row : rows) labels.push_back(row.label);
  const auto classes = number_classes(labels);
  std::vector<ImageEntry> entries;
  entries.reserve(rows.size());
  for (const Row& row : rows) entries.push_back({folder / row.file, classes.at(row.label)});
  std::sort(entries.begin(), entries.end(),
            [](const ImageEntry& a, const ImageEntry& b) { return a.path < b.path; });
  return entries;
}

std::vector<ImageEntry> list_by_place(const fs::path& folder) {
  const std::vector<fs::path> direct = images_in(folder);
  std::vector<ImageEntry> entries = list_by_subfolder(subfolders_of(folder));
  if (direct.empty()) return entries;
  if (!entries.empty()) {
    fail(fmt::format("{}: images beside subfolders with images ('{}', '{}'): are they labelled?",
                     folder.string(), direct.front().filename().string(),
                     entries.front().path.lexically_relative(folder).string()));
  }
  for (const fs::path& file : direct) entries.push_back({file, std::nullopt});
  return entries;
}

}  // namespace

std::vector<ImageEntry> list_images(const fs::path& folder) {
  std::vector<ImageEntry> entries =
      fs::exists(folder / kLabelFile) ? list_by_label_file(folder) : list_by_place(folder);
  if (entries.empty()) {
    fail(fmt::format("{}: no images in the folder or its subfolders; known kinds: {}",
                     folder.string(), image_extensions()));
  }
  return entries;
}

}  // namespace octavo
