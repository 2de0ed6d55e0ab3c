#include "config/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "octavo/error.h"

namespace octavo {

struct Config::Value {
  YAML::Node node;
  std::string file;
  std::string path;  // "ops.Conv.role"
  // Keys that were asked for; shared by the copies that read_map's callback sees.
  mutable std::set<std::string, std::less<>> asked;
};

namespace {

std::string text_of_key(const Config& owner, const YAML::Node& key) {
  if (!key.IsScalar()) owner.fail("a key that is no word");
  return key.Scalar();
}

std::string child_path(const std::string& parent, std::string_view key) {
  return parent.empty() ? std::string(key) : fmt::format("{}.{}", parent, key);
}

}  // namespace

Config Config::parse(const std::string& text, const std::string& file_name) {
  auto value = std::make_shared<Value>();
  value->file = file_name;
  try {
    value->node = YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw Error(ErrorCode::kInvalidFile,
                fmt::format("{}:{}: {}", file_name, error.mark.line + 1, error.msg));
  }
  return Config(std::move(value));
}

Config Config::read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::error_code unreadable;  // a name too long, a folder that may not be entered
  if (!std::filesystem::is_regular_file(path, unreadable) || !stream) {
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such file", path.string()));
  }
  return parse({std::istreambuf_iterator<char>(stream), {}}, path.string());
}

void Config::fail(std::string_view what) const {
  const std::string subject = value_->path.empty() ? "" : value_->path + ": ";
  throw Error(ErrorCode::kInvalidFile, fmt::format("{}:{}: {}{}", value_->file,
                                                   value_->node.Mark().line + 1, subject, what));
}

void Config::read_map(const std::function<void(const Config&)>& read) const {
  if (!value_->node.IsMap()) fail("expected a mapping");
  read(*this);
  for (const auto& entry : value_->node) {
    const std::string key = text_of_key(*this, entry.first);
    if (value_->asked.contains(key)) continue;
    auto unknown = std::make_shared<Value>(*value_);
    unknown->node = entry.first;
    Config(std::move(unknown))
        .fail(fmt::format("unknown key '{}', expected one of: {}", key,
                          fmt::join(value_->asked, ", ")));
  }
}

bool Config::has(std::string_view key) const { return find(key).has_value(); }

std::optional<Config> Config::find(std::string_view key) const {
  if (!value_->node.IsMap()) fail("expected a mapping");
  value_->asked.emplace(key);
  const YAML::Node child = value_->node[std::string(key)];
  if (!child.IsDefined()) return std::nullopt;
  auto value = std::make_shared<Value>();
  value->node = child;
  value->file = value_->file;
  value->path = child_path(value_->path, key);
  return Config(std::move(value));
}

Config Config::at(std::string_view key) const {
  auto child = find(key);
  if (!child) fail(fmt::format("key '{}' is missing", key));
  return *std::move(child);
}

std::vector<std::string> Config::keys() const {
  if (!value_->node.IsMap()) fail("expected a mapping");
  std::vector<std::string> keys;
  for (const auto& entry : value_->node) keys.push_back(text_of_key(*this, entry.first));
  return keys;
}

std::vector<Config> Config::items() const {
  if (!value_->node.IsSequence()) fail("expected a list");
  std::vector<Config> items;
  for (std::size_t i = 0; i < value_->node.size(); ++i) {
    auto value = std::make_shared<Value>();
    value->node = value_->node[i];
    value->file = value_->file;
    value->path = fmt::format("{}[{}]", value_->path, i);
    items.push_back(Config(std::move(value)));
  }
  return items;
}

int Config::line() const { return value_->node.Mark().line + 1; }

bool Config::is_list() const { return value_->node.IsSequence(); }

bool Config::is_map() const { return value_->node.IsMap(); }

std::string Config::as_string() const {
  if (!value_->node.IsScalar()) fail("expected a word");
  return value_->node.as<std::string>();
}

double Config::as_number() const {
  double number = 0;
  if (!value_->node.IsScalar() || !YAML::convert<double>::decode(value_->node, number)) {
    fail(fmt::format("'{}', expected a number",
                     value_->node.IsScalar() ? value_->node.Scalar() : std::string("...")));
  }
  return number;
}

std::int64_t Config::as_integer() const {
  std::int64_t number = 0;
  if (!value_->node.IsScalar() || !YAML::convert<std::int64_t>::decode(value_->node, number)) {
    fail(fmt::format("'{}', expected a whole number",
                     value_->node.IsScalar() ? value_->node.Scalar() : std::string("...")));
  }
  return number;
}

bool Config::as_bool() const {
  bool flag = false;
  if (!value_->node.IsScalar() || !YAML::convert<bool>::decode(value_->node, flag)) {
    fail("expected true or false");
  }
  return flag;
}

std::vector<std::string> Config::as_strings() const {
  std::vector<std::string> words;
  for (const Config& item : items()) words.push_back(item.as_string());
  return words;
}

std::vector<double> Config::as_numbers() const {
  std::vector<double> numbers;
  for (const Config& item : items()) numbers.push_back(item.as_number());
  return numbers;
}

std::size_t Config::choice_index(std::span<const std::string_view> words) const {
  const std::string word = as_string();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) return i;
  }
  fail(fmt::format("'{}', expected one of: {}", word, fmt::join(words, ", ")));
}

}  // namespace octavo
