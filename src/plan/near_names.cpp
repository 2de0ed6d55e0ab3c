#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

#include "plan/resolve_rules.h"

namespace octavo {
namespace {

constexpr std::size_t kMost = 3;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Letters to insert, remove or replace (Levenshtein 1966).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> near_names(const std::string& word,
                                    const std::vector<std::string>& known) {
  const std::string wanted = lower(word);
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& name : known) {
    const std::string other = lower(name);
    const std::size_t differs = distance(wanted, other);
    const bool holds = !wanted.empty() && other.find(wanted) != std::string::npos;
    if (holds || differs <= 1 + wanted.size() / 3) near.emplace_back(differs, name);
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (const auto& [differs, name] : near) {
    if (names.size() < kMost) names.push_back(name);
  }
  return names;
}

}  // namespace octavo
