#include "plan/rule_settings.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "core/scheme_words.h"
#include "octavo/error.h"

namespace octavo {
namespace {

constexpr int kFewestBits = 2;

int bits(const std::string& text) {
  int number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec == std::errc() && result.ptr == text.data() + text.size() &&
      number >= kFewestBits) {
    return number;
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("'{}', expected a whole number from {} on", text, kFewestBits));
}

struct Setting {
  RuleWord word;
  bool takes_value = true;
  void (*put)(Rule& rule, const std::string& value) = nullptr;
};

constexpr std::array<Setting, 11> kSettings = {{
    {{"activation-bits=N", "fewer bits than the type of activations has"},
     true,
     [](Rule& rule, const std::string& value) { rule.activation.bits = bits(value); }},
    {{"activation-type=TYPE", "uint8, int8, uint16, int16, float8e4m3"},
     true,
     [](Rule& rule, const std::string& value) { rule.activation.dtype = dtype_from_name(value); }},
    {{"activations=SYMMETRY", "symmetric or asymmetric"},
     true,
     [](Rule& rule, const std::string& value) {
       rule.activation.symmetry = value_of(value, kSymmetryWords);
     }},
    {{"calibrator=NAME[:NUMBER]", "of activations"},
     true,
     [](Rule& rule, const std::string& value) {
       rule.activation.calibrator = parse_calibrator(value);
     }},
    {{"float", "stay float"},
     false,
     [](Rule& rule, const std::string&) { rule.action = RuleAction::kExclude; }},
    {{"granularity=GRANULARITY", "of weights: per-tensor or per-channel"},
     true,
     [](Rule& rule, const std::string& value) {
       rule.weight.granularity = value_of(value, kGranularityWords);
     }},
    {{"include", "may be quantized, whatever an earlier rule said"},
     false,
     [](Rule& rule, const std::string&) { rule.action = RuleAction::kInclude; }},
    {{"weight-bits=N", "fewer bits than the type of weights has"},
     true,
     [](Rule& rule, const std::string& value) { rule.weight.bits = bits(value); }},
    {{"weight-calibrator=NAME[:NUMBER]", "max, mse, percentile:P"},
     true,
     [](Rule& rule, const std::string& value) {
       rule.weight.calibrator = parse_calibrator(value);
     }},
    {{"weight-type=TYPE", "int8, uint8, float8e4m3; int4, uint4 in mode weight-only"},
     true,
     [](Rule& rule, const std::string& value) { rule.weight.dtype = dtype_from_name(value); }},
    {{"weights=SYMMETRY", "symmetric or asymmetric"},
     true,
     [](Rule& rule, const std::string& value) {
       rule.weight.symmetry = value_of(value, kSymmetryWords);
     }},
}};

std::string_view word_of(const Setting& setting) {
  return setting.word.form.substr(0, setting.word.form.find('='));
}

}  // namespace

void add_setting(Rule& rule, std::string_view word, const std::string& value) {
  std::string known;
  for (const Setting& setting : kSettings) {
    if (word_of(setting) != word) {
      known += (known.empty() ? "" : ", ") + std::string(word_of(setting));
      continue;
    }
    if (setting.takes_value == value.empty()) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("'{}{}{}', expected {}", word, value.empty() ? "" : "=", value,
                              setting.word.form));
    }
    try {
      setting.put(rule, value);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{}: {}", word, error.what()));
    }
    return;
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("unknown setting '{}', expected one of {}", word, known));
}

std::vector<RuleWord> rule_settings() {
  std::vector<RuleWord> words;
  for (const Setting& setting : kSettings) words.push_back(setting.word);
  return words;
}

}  // namespace octavo
