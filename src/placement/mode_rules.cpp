#include "placement/mode_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "octavo/error.h"

namespace octavo {
namespace {

constexpr std::array kWeightForms = {
#define OCTAVO_WEIGHT_FORM(identifier, name) \
  std::pair<std::string_view, WeightForm>{#name, WeightForm::identifier},
#include "placement/weight_form_list.inc"
#undef OCTAVO_WEIGHT_FORM
};

constexpr std::array<std::pair<std::string_view, Mode>, 4> kModes = {
    {{"dynamic", Mode::kDynamic},
     {"weight_only", Mode::kWeightOnly},
     {"float16", Mode::kFloat16},
     {"bfloat16", Mode::kBfloat16}}};

// The key `name` of `map` as an element type.
DType read_type(const Config& map, const std::string& name) {
  try {
    return dtype_from_name(name);
  } catch (const Error& error) {
    map.at(name).fail(error.what());
  }
}

std::vector<TypedForm> read_forms(const Config& config) {
  std::vector<TypedForm> forms;
  for (const std::string& name : config.keys()) {
    forms.push_back({read_type(config, name), config.at(name).as_choice(kWeightForms)});
  }
  if (forms.empty()) config.fail("expected at least one weight type");
  return forms;
}

void read_blocks(const Config& map, ModeRules& rules) {
  const auto sizes = map.find("block_sizes");
  if (!sizes) return;
  for (const Config& item : sizes->items()) {
    if (item.as_integer() <= 0) item.fail("expected a positive number of elements");
    rules.block_sizes.push_back(item.as_integer());
  }
  const auto& known = rules.block_sizes;
  const Config by_type = map.at("block_size");
  for (const std::string& name : by_type.keys()) {
    const Config standard = by_type.at(name);
    const std::int64_t size = standard.as_integer();
    if (std::find(known.begin(), known.end(), size) == known.end()) {
      standard.fail(fmt::format("{}, expected one of block_sizes", size));
    }
    rules.block_size.emplace(read_type(by_type, name), size);
  }
}

ModeRules read_rules(const Config& config, Mode mode) {
  ModeRules rules;
  config.read_map([&](const Config& map) {
    const Config operators = map.at("operators");
    if (mode == Mode::kFloat16 || mode == Mode::kBfloat16) {
      rules.half_operators = operators.as_strings();
      return;
    }
    for (const std::string& op_type : operators.keys()) {
      rules.weights.emplace(op_type, read_forms(operators.at(op_type)));
    }
    read_blocks(map, rules);
  });
  return rules;
}

}  // namespace

std::string_view to_string(WeightForm form) {
  return kWeightForms[static_cast<std::size_t>(form)].first;
}

const std::vector<TypedForm>* ModeRules::forms(std::string_view op_type) const {
  const auto found = weights.find(op_type);
  return found == weights.end() ? nullptr : &found->second;
}

TypedForm ModeRules::choose(const std::vector<TypedForm>& forms, DType dtype) {
  const auto found = std::find_if(forms.begin(), forms.end(),
                                  [&](const TypedForm& form) { return form.dtype == dtype; });
  return found == forms.end() ? forms.front() : *found;
}

bool ModeRules::runs_in_half(std::string_view op_type) const {
  return std::find(half_operators.begin(), half_operators.end(), op_type) != half_operators.end();
}

std::map<Mode, ModeRules> read_mode_rules(const Config& config) {
  std::map<Mode, ModeRules> modes;
  config.read_map([&](const Config& map) {
    for (const auto& [name, mode] : kModes) {
      if (const auto rules = map.find(name)) modes.emplace(mode, read_rules(*rules, mode));
    }
  });
  return modes;
}

}  // namespace octavo
