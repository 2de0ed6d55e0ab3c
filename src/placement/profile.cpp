#include "placement/profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <utility>

#include "config/config.h"
#include "core/scheme_words.h"
#include "octavo/error.h"
#include "placement/merge_profiles.h"

namespace octavo {
namespace {

// As a profile's JSON writes them.
// More would be work for nothing: what is padded is a few channels at the input of a network.
constexpr std::int64_t kMostPaddedChannels = 64;

constexpr Words<Granularity, 2> kGranularities = {
    {{"per_tensor", Granularity::kPerTensor}, {"per_channel", Granularity::kPerChannel}}};
constexpr Words<BiasForm, 2> kBiasForms = {
    {{"int32", BiasForm::kInt32}, {"float32", BiasForm::kFloat}}};
constexpr Words<Accumulation, 2> kAccumulations = {
    {{"int32", Accumulation::kInt32}, {"int16_pairs", Accumulation::kInt16Pairs}}};
constexpr Words<OperatorRole, 5> kRoles = {
    {{"weighted", OperatorRole::kWeighted},
     {"joined", OperatorRole::kJoined},
     {"unary", OperatorRole::kUnary},
     {"pass_through", OperatorRole::kPassThrough},
     {"integer_pass_through", OperatorRole::kIntegerPassThrough}}};
constexpr Words<OutputForm, 2> kOutputForms = {
    {{"quantized", OutputForm::kQuantized},
     {"float_where_not_reused", OutputForm::kFloatWhereNotReused}}};

Granularity read_granularity(const Config& config) { return config.as_choice(kGranularities); }

constexpr Words<FusedOperand, 2> kFusedOperands = {
    {{"none", FusedOperand::kNone}, {"weighted_result", FusedOperand::kWeightedResult}}};

DType read_dtype(const Config& config) {
  try {
    return dtype_from_name(config.as_string());
  } catch (const Error& error) {
    config.fail(error.what());
  }
}

std::vector<DType> read_types(const Config& config, DType standard) {
  std::vector<DType> types;
  for (const Config& item : config.items()) types.push_back(read_dtype(item));
  if (std::find(types.begin(), types.end(), standard) == types.end()) {
    config.fail(fmt::format("{}, the target's own type, is missing", traits(standard).name));
  }
  return types;
}

Scheme read_scheme(const Config& config) {
  Scheme scheme;
  scheme.dtype = read_dtype(config.at("dtype"));
  scheme.symmetry = config.at("symmetry").as_choice(kSymmetryWords);
  if (const auto narrow = config.find("narrow_range")) scheme.narrow_range = narrow->as_bool();
  if (const auto reduced = config.find("reduced_bits")) {
    scheme.reduced_bits = static_cast<int>(reduced->as_integer());
  }
  return scheme;
}

Range read_range(const Config& config) {
  const std::vector<double> numbers = config.as_numbers();
  if (numbers.size() != 2 || numbers[0] >= numbers[1]) config.fail("expected [lowest, highest]");
  return {numbers[0], numbers[1]};
}

int read_channels(const Config& config) {
  const std::int64_t channels = config.as_integer();
  if (channels < 1 || channels > kMostPaddedChannels) {
    config.fail(fmt::format("{}, expected 1 to {} channels", channels, kMostPaddedChannels));
  }
  return static_cast<int>(channels);
}

OperatorRule read_rule(const Config& config) {
  OperatorRule rule;
  config.read_map([&](const Config& map) {
    rule.role = map.at("role").as_choice(kRoles);
    if (const auto output = map.find("output")) rule.output = output->as_choice(kOutputForms);
    if (const auto granularity = map.find("granularity")) {
      rule.granularity = read_granularity(*granularity);
    }
    if (const auto operand = map.find("fused_operand")) {
      rule.fused_operand = operand->as_choice(kFusedOperands);
    }
    if (const auto flag = map.find("activation_operands")) {
      rule.activation_operands = flag->as_bool();
    }
    if (const auto range = map.find("output_range")) rule.output_range = read_range(*range);
    if (const auto ratio = map.find("prefer_equal_scales_up_to_range_ratio")) {
      rule.prefer_equal_scales_up_to_range_ratio = ratio->as_number();
    }
    if (const auto types = map.find("code_types")) {
      for (const Config& item : types->items()) rule.code_types.push_back(read_dtype(item));
    }
    if (const auto attributes = map.find("attributes")) {
      for (const std::string& key : attributes->keys()) {
        rule.attributes[key] = attributes->at(key).as_strings();
      }
    }
  });
  return rule;
}

void read_activation(const Config& config, Profile& profile) {
  config.read_map([&](const Config& map) {
    profile.activation = read_scheme(map);
    profile.activation_types = read_types(map.at("types"), profile.activation.dtype);
    if (read_granularity(map.at("granularity")) != Granularity::kPerTensor) {
      map.fail("activations are quantized per_tensor only");
    }
  });
}

void read_weight(const Config& config, Profile& profile) {
  config.read_map([&](const Config& map) {
    profile.weight = read_scheme(map);
    profile.weight_types = read_types(map.at("types"), profile.weight.dtype);
    profile.weight_granularity = read_granularity(map.at("granularity"));
  });
}

std::vector<BiasForm> read_bias_forms(const Config& map, BiasForm standard) {
  std::vector<BiasForm> forms = {standard};
  if (const auto others = map.find("bias_forms")) {
    forms.clear();
    for (const Config& item : others->items()) forms.push_back(item.as_choice(kBiasForms));
    if (std::find(forms.begin(), forms.end(), standard) == forms.end()) {
      others->fail("the target's own bias is missing");
    }
  }
  return forms;
}

// A bias in int32 has the scale of products of integer codes.
void require_bias_of_types(const Config& map, const Profile& profile) {
  if (profile.bias == BiasForm::kFloat) return;
  for (const DType type : profile.weight_types) {
    if (traits(type).is_integer()) continue;
    map.at("bias").fail(
        fmt::format("int32, expected float32 beside weights of type {}", traits(type).name));
  }
}

constexpr std::int64_t kFormat = 1;

Profile read_profile(const Config& config) {
  Profile profile;
  config.read_map([&](const Config& map) {
    const Config format = map.at("format");
    if (format.as_integer() != kFormat) {
      format.fail(fmt::format("{}, expected {}", format.as_integer(), kFormat));
    }
    profile.name = map.at("name").as_string();
    profile.description = map.at("description").as_string();
    profile.runtime = map.at("runtime").as_string();
    profile.architectures = map.at("architectures").as_strings();
    profile.sources = map.at("sources").as_strings();
    profile.opset = static_cast<int>(map.at("opset").as_integer());
    read_activation(map.at("activation"), profile);
    read_weight(map.at("weight"), profile);
    profile.bias = map.at("bias").as_choice(kBiasForms);
    profile.bias_forms = read_bias_forms(map, profile.bias);
    require_bias_of_types(map, profile);
    for (const char* key : {"activation", "bias", "weight"})
      profile.lines[key] = map.at(key).line();
    if (const auto accumulation = map.find("accumulation")) {
      profile.accumulation = accumulation->as_choice(kAccumulations);
    }
    profile.absorbed_activations = map.at("absorbed_activations").as_strings();
    if (const auto unasked = map.find("quantized_unasked")) {
      profile.quantized_unasked = unasked->as_strings();
    }
    if (const auto fusing = map.find("fuses_additions_into")) {
      profile.fuses_additions_into = fusing->as_strings();
    }
    if (const auto channels = map.find("least_conv_channels")) {
      profile.least_conv_channels = read_channels(*channels);
    }
    const Config operators = map.at("operators");
    for (const std::string& op_type : operators.keys()) {
      profile.operators.emplace(op_type, read_rule(operators.at(op_type)));
      profile.lines["operators." + op_type] = operators.at(op_type).line();
    }
    if (const auto modes = map.find("modes")) profile.modes = read_mode_rules(*modes);
  });
  return profile;
}

}  // namespace

const OperatorRule* Profile::rule(std::string_view op_type) const {
  const auto found = operators.find(op_type);
  return found == operators.end() ? nullptr : &found->second;
}

bool Profile::absorbs(std::string_view op_type) const {
  return std::ranges::find(absorbed_activations, op_type) != absorbed_activations.end();
}

bool Profile::quantizes_unasked(std::string_view op_type) const {
  return std::ranges::find(quantized_unasked, op_type) != quantized_unasked.end();
}

const ModeRules& Profile::mode_rules(Mode mode) const {
  if (const auto found = modes.find(mode); found != modes.end()) return found->second;
  std::vector<std::string_view> known = {to_string(Mode::kStatic)};
  for (const auto& [other, rules] : modes) known.push_back(to_string(other));
  throw Error(ErrorCode::kUnsupported,
              fmt::format("target '{}' has no mode {}, expected one of: {}", name, to_string(mode),
                          fmt::join(known, ", ")));
}

bool Profile::runs_here() const {
  utsname machine{};
  if (uname(&machine) != 0) return false;
  return std::find(architectures.begin(), architectures.end(), machine.machine) !=
         architectures.end();
}

Profile parse_profile(const std::string& text, const std::string& file_name) {
  return read_profile(Config::parse(text, file_name));
}

namespace {

Profile load_one(std::string_view name_or_path) {
  const std::vector<ShippedProfile> shipped = shipped_profiles();
  for (const ShippedProfile& profile : shipped) {
    if (profile.name == name_or_path) {
      return parse_profile(std::string(profile.text), fmt::format("{}.json", profile.name));
    }
  }
  if (name_or_path.ends_with(".json")) return read_profile(Config::read(name_or_path));
  std::vector<std::string_view> names;
  for (const ShippedProfile& profile : shipped) names.push_back(profile.name);
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("unknown target '{}', expected one of {}, or a .json file", name_or_path,
                          fmt::join(names, ", ")));
}

}  // namespace

Profile load_profile(std::string_view names) {
  const std::size_t comma = names.rfind(',');
  if (comma == std::string_view::npos) return load_one(names);
  return merge_profiles(load_profile(names.substr(0, comma)), load_one(names.substr(comma + 1)));
}

}  // namespace octavo
