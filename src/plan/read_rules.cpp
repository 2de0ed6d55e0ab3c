#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/config.h"
#include "octavo/error.h"
#include "octavo/recipe.h"
#include "plan/rule_settings.h"
#include "plan/selector.h"

namespace octavo {
namespace {

constexpr std::string_view kSelect = "select";

std::vector<std::string> words_of(const Config& value) {
  return value.is_list() ? value.as_strings() : std::vector<std::string>{value.as_string()};
}

// `word: true` for one that looks for nothing.
std::vector<std::string> arguments_of(const Selector& selector, const Config& value) {
  if (selector.arguments == SelectorArguments::kNone) {
    if (!value.as_bool()) value.fail("expected true");
    return {};
  }
  std::vector<std::string> arguments = words_of(value);
  const std::size_t count = arguments.size();
  if (selector.arguments == SelectorArguments::kOne && count != 1) value.fail("expected one value");
  if (selector.arguments == SelectorArguments::kTwo && count != 2) {
    value.fail(fmt::format("expected two values, as in {}", selector.form));
  }
  return arguments;
}

void read_selectors(const Config& config, Rule& rule) {
  for (const std::string& word : config.keys()) {
    const Config value = config.at(word);
    const Selector& selector = find_selector(word);
    NodeSelector parsed{word, arguments_of(selector, value)};
    rule.text += fmt::format("{}{}{}{}", rule.selectors.empty() ? "" : ",", word,
                             parsed.arguments.empty() ? "" : "=",
                             fmt::join(parsed.arguments, selector.separator));
    rule.selectors.push_back(std::move(parsed));
  }
}

void read_setting(const Config& config, const std::string& word, Rule& rule) {
  const std::string value = config.at(word).as_string();
  const bool is_flag = word == "float" || word == "include";
  if (is_flag && !config.at(word).as_bool()) config.at(word).fail("expected true");
  const std::string wanted = is_flag ? "" : value;
  rule.text += fmt::format("{}{}{}{}", rule.text.ends_with(": ") ? "" : ",", word,
                           wanted.empty() ? "" : "=", wanted);
  add_setting(rule, word, wanted);
}

Rule read_rule(const Config& config) {
  if (!config.is_map()) return parse_rule(config.as_string());
  Rule rule;
  read_selectors(config.at(kSelect), rule);
  rule.text += ": ";
  for (const std::string& word : config.keys()) {
    if (word != kSelect) read_setting(config, word, rule);
  }
  if (rule.selectors.empty()) config.fail("select: expected a selector");
  if (rule.text.ends_with(": ")) config.fail("expected a setting beside select");
  return rule;
}

}  // namespace

std::vector<Rule> read_rules(const std::filesystem::path& path) {
  std::vector<Rule> rules;
  Config::read(path).read_map([&](const Config& map) {
    for (const Config& item : map.at("rules").items()) {
      try {
        rules.push_back(read_rule(item));
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kInvalidFile) throw;
        item.fail(error.what());
      }
    }
  });
  return rules;
}

}  // namespace octavo
