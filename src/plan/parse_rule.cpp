#include <fmt/format.h>

#include <string_view>

#include "octavo/error.h"
#include "octavo/recipe.h"
#include "plan/rule_settings.h"
#include "plan/selector.h"

namespace octavo {
namespace {

constexpr std::string_view kEndOfSelectors = ": ";

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  while (!separator.empty()) {
    const std::size_t found = text.find(separator);
    if (found == std::string_view::npos) break;
    parts.emplace_back(text.substr(0, found));
    text.remove_prefix(found + separator.size());
  }
  parts.emplace_back(text);
  return parts;
}

struct WordAndValue {
  std::string_view word;
  std::string_view value;
};

WordAndValue at_equals(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {text, {}};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

NodeSelector parse_selector(std::string_view text) {
  const auto [word, value] = at_equals(text);
  const Selector& selector = find_selector(word);
  NodeSelector parsed{std::string(word), {}};
  if (!value.empty()) parsed.arguments = split(value, selector.separator);
  const std::size_t count = parsed.arguments.size();
  const bool fits = selector.arguments == SelectorArguments::kNone  ? count == 0
                    : selector.arguments == SelectorArguments::kOne ? count == 1
                    : selector.arguments == SelectorArguments::kTwo ? count == 2
                                                                    : count > 0;
  if (fits) return parsed;
  throw Error(ErrorCode::kInvalidArgument, fmt::format("'{}', expected {}", text, selector.form));
}

Rule parse_parts(std::string_view text) {
  const std::size_t end = text.find(kEndOfSelectors);
  if (end == std::string_view::npos) {
    throw Error(ErrorCode::kInvalidArgument,
                "expected SELECTORS: SETTINGS, as in 'first=1: float'");
  }
  Rule rule;
  rule.text = text;
  for (const std::string& part : split(text.substr(0, end), ",")) {
    rule.selectors.push_back(parse_selector(part));
  }
  for (const std::string& part : split(text.substr(end + kEndOfSelectors.size()), ",")) {
    const auto [word, value] = at_equals(part);
    add_setting(rule, word, std::string(value));
  }
  return rule;
}

}  // namespace

Rule parse_rule(std::string_view text) {
  try {
    return parse_parts(text);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("rule '{}': {}", text, error.what()));
  }
}

std::vector<RuleWord> selectors() {
  std::vector<RuleWord> words;
  for (const Selector* selector : all_selectors())
    words.push_back({selector->form, selector->help});
  return words;
}

}  // namespace octavo
