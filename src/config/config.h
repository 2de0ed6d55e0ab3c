// Strict reading of what people write by hand: YAML, and JSON as a part of it. Every error names
// the file and the line; a key that nobody asks for is an error, never ignored.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace octavo {

// One value of the file: a mapping, a list or a scalar. Cheap to copy.
class Config {
 public:
  // Throw Error(kInvalidFile) on a syntax error, Error(kNotFound) if there is no such file.
  static Config parse(const std::string& text, const std::string& file_name);
  static Config read(const std::filesystem::path& path);

  // Calls `read` with this value, which must be a mapping, then throws for every key that `read`
  // did not ask for, listing those it did.
  void read_map(const std::function<void(const Config&)>& read) const;

  bool has(std::string_view key) const;
  // Throws if the key is missing.
  Config at(std::string_view key) const;
  std::optional<Config> find(std::string_view key) const;
  // The keys of a mapping, in the file's order.
  std::vector<std::string> keys() const;
  // The entries of a list.
  std::vector<Config> items() const;

  std::string as_string() const;
  double as_number() const;
  std::int64_t as_integer() const;
  bool as_bool() const;
  std::vector<std::string> as_strings() const;
  std::vector<double> as_numbers() const;
  // Of the file, from 1 on.
  int line() const;
  bool is_list() const;
  bool is_map() const;

  // The value that belongs to this word; throws, listing the words, for any other.
  template <typename T, std::size_t N>
  T as_choice(const std::array<std::pair<std::string_view, T>, N>& choices) const {
    std::array<std::string_view, N> words;
    for (std::size_t i = 0; i < N; ++i) words[i] = choices[i].first;
    return choices[choice_index(words)].second;
  }

  // Throws Error(kInvalidFile): "profile.json:12: ops.Conv.role: <what>".
  [[noreturn]] void fail(std::string_view what) const;

 private:
  struct Value;
  explicit Config(std::shared_ptr<const Value> value) : value_(std::move(value)) {}
  std::size_t choice_index(std::span<const std::string_view> words) const;

  std::shared_ptr<const Value> value_;
};

}  // namespace octavo
