#include "cli/recipe_flags.h"

#include <fmt/format.h>

#include "core/scheme_words.h"
#include "octavo/error.h"
#include "octavo/mode.h"
#include "octavo/regime.h"

namespace octavo::cli {
namespace {

constexpr Words<Coverage, 2> kCoverages = {
    {{"fastest", Coverage::kFastest}, {"widest", Coverage::kWidest}}};

template <typename T>
std::optional<T> choice(std::string_view flag, const std::string& word, const Words<T, 2>& words) {
  if (word.empty()) return std::nullopt;
  try {
    return value_of(word, words);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: {}", flag, error.what()));
  }
}

// What a target takes of them is its own; these are all that any does.
constexpr std::string_view kActivationTypes = "uint8, int8, uint16, int16, float8e4m3";
constexpr std::string_view kWeightTypes =
    "int8, uint8, float8e4m3; int4, uint4 in mode weight-only";

std::optional<DType> dtype(std::string_view flag, const std::string& word, std::string_view known) {
  if (word.empty()) return std::nullopt;
  try {
    return dtype_from_name(word);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: '{}', expected one of {}", flag, word, known));
  }
}

std::optional<DType> border_dtype(std::string_view flag, const std::string& word) {
  if (word.empty() || word == "float") return std::nullopt;
  if (word == "uint8" || word == "int8") return dtype_from_name(word);
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{}: '{}', expected uint8, int8 or float", flag, word));
}

// A calibrator a line, for --help.
std::string calibrator_help() {
  std::string text = "How an activation's range is chosen:";
  for (const CalibratorInfo& info : calibrators()) {
    text += fmt::format("\n  {}: {}", info.name, info.help);
  }
  return text;
}

std::vector<std::string> repair_names(std::string_view text) {
  std::vector<std::string> names;
  if (text.empty() || text == "none") return names;
  while (true) {
    const std::size_t end = text.find_first_of(",+");
    names.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return names;
    text.remove_prefix(end + 1);
  }
}

std::string rule_help() {
  std::string text =
      "SELECTOR[,SELECTOR...]: SETTING[,SETTING...], as in 'op=Conv,first=1: float'; later rules "
      "have the last word. Selectors:";
  for (const RuleWord& word : selectors()) text += fmt::format("\n  {}: {}", word.form, word.help);
  text += "\nSettings:";
  for (const RuleWord& word : rule_settings()) {
    text += fmt::format("\n  {}: {}", word.form, word.help);
  }
  return text;
}

// An exact name is a regular expression of itself only if it holds no special characters.
std::string escaped(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (std::string_view("^$\\.*+?()[]{}|").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

void add_rules(const RecipeFlags& flags, Recipe& recipe) {
  const bool only_included = flags.exclude.empty() && flags.exclude_op_types.empty();
  if (!flags.include.empty() && only_included) {
    recipe.rules.push_back({"all but --include", {{"all"}}, RuleAction::kExclude});
  }
  for (const std::string& pattern : flags.include) {
    recipe.rules.push_back({fmt::format("--include {}", pattern),
                            {{"regex", {fmt::format("{}|{}", escaped(pattern), pattern)}}},
                            RuleAction::kInclude});
  }
  if (!flags.rules_file.empty()) {
    const std::vector<Rule> rules = read_rules(flags.rules_file);
    recipe.rules.insert(recipe.rules.end(), rules.begin(), rules.end());
  }
  for (const std::string& text : flags.rules) recipe.rules.push_back(parse_rule(text));
  if (flags.least_layer_sqnr_db > 0) recipe.least_layer_sqnr_db = flags.least_layer_sqnr_db;
}

}  // namespace

std::string regime_help() {
  std::string text = "A way of quantizing that guides know by name; other flags go over it:";
  for (const Regime& regime : regimes())
    text += fmt::format("\n  {}: {}", regime.name, regime.help);
  return text;
}

void add_target_flag(CLI::App& verb, RecipeFlags& flags) {
  verb.add_option("--target", flags.target,
                  "Where the model will run: a shipped profile or a profile's .json file; several, "
                  "separated by commas, for one file that runs in all of them")
      ->capture_default_str();
}

void add_rule_flags(CLI::App& verb, RecipeFlags& flags) {
  const HelpGroup group(verb, "Which nodes");
  verb.add_option("--exclude", flags.exclude,
                  "Keep these nodes float: a name, or a regular expression over whole names");
  verb.add_option("--exclude-op", flags.exclude_op_types,
                  "Keep every node of this operator type float");
  verb.add_option(
      "--include", flags.include,
      "Quantize these nodes although --exclude or --exclude-op names them, or no others "
      "where neither is given: a name, or a regular expression over whole names");
  verb.add_option("--rule", flags.rules, rule_help());
  verb.add_option("--rules", flags.rules_file, "A YAML file with a list `rules`, before --rule");
  verb.add_option("--min-layer-sqnr", flags.least_layer_sqnr_db,
                  "Keep layers float whose codes hold less signal over noise than this many dB")
      ->check(CLI::PositiveNumber);
}

namespace {

void add_scheme_flags(CLI::App& verb, RecipeFlags& flags) {
  const HelpGroup group(verb, "Scheme");
  verb.add_option("--mode", flags.mode,
                  "What becomes small:\n"
                  "  static: weights and activations, with ranges from calibration data\n"
                  "  dynamic: weights, and activations by the range that each run finds\n"
                  "  weight-only: weights; activations stay float\n"
                  "  float16, bfloat16: both in half precision, float32 where it does not fit")
      ->capture_default_str();
  verb.add_option("--calibrator", flags.activation_calibrator, calibrator_help());
  verb.add_option("--weight-calibrator", flags.weight_calibrator,
                  "How a weight's range is chosen: max, mse, percentile:P");
  verb.add_option("--activations", flags.activation_symmetry, "symmetric or asymmetric");
  verb.add_option("--weights", flags.weight_symmetry, "symmetric or asymmetric");
  verb.add_option("--activation-type", flags.activation_dtype,
                  fmt::format("{}: those that the target has", kActivationTypes));
  verb.add_option("--weight-type", flags.weight_dtype, std::string(kWeightTypes));
  verb.add_option("--block-size", flags.block_size,
                  "Elements of a weight that share a scale, in mode weight-only: 16 to 256 "
                  "[default: the target's, by weight type]")
      ->check(CLI::PositiveNumber);
  verb.add_option("--granularity", flags.granularity, "Weights' scales: per-tensor or per-channel");
  verb.add_option("--regime", flags.regime, regime_help());
  verb.add_option(
      "--input-type", flags.input_dtype,
      "What the caller feeds: uint8 or int8 codes, whose scale and zero point are in the "
      "model's metadata, or float [default: float]");
  verb.add_option("--output-type", flags.output_dtype,
                  "What the caller gets: uint8 or int8 codes, or float [default: float]");
}

void add_machine_flags(CLI::App& verb, RecipeFlags& flags) {
  const HelpGroup group(verb, "Target and this machine");
  add_target_flag(verb, flags);
  verb.add_option("--coverage", flags.coverage,
                  "fastest (quantize what makes the model faster here, by measurement, where the "
                  "target runs here) or widest (all that the target can: smallest file)")
      ->default_str("fastest");
  verb.add_option("--latency-threads", flags.latency_threads,
                  "Threads inside the runtime while --coverage fastest measures")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb.add_option("--threads", flags.threads, "Threads for running the model")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb.add_option("--disable-pass", flags.disabled_passes, "Leave out a preparation pass");
}

}  // namespace

void add_recipe_flags(CLI::App& verb, RecipeFlags& flags) {
  add_machine_flags(verb, flags);
  add_scheme_flags(verb, flags);
  add_rule_flags(verb, flags);
}

QuantizeOptions to_options(const RecipeFlags& flags) {
  QuantizeOptions options;
  options.target = flags.target;
  options.coverage = Coverage::kFastest;
  Recipe& recipe = options.recipe;
  if (!flags.regime.empty()) find_regime(flags.regime).apply(options);
  add_rules(flags, recipe);
  recipe.mode = parse_mode(flags.mode);
  if (!flags.activation_calibrator.empty()) {
    recipe.activation_calibrator = parse_calibrator(flags.activation_calibrator);
  }
  if (!flags.weight_calibrator.empty()) {
    recipe.weight_calibrator = parse_calibrator(flags.weight_calibrator);
  }
  recipe.activation_symmetry = choice("--activations", flags.activation_symmetry, kSymmetryWords);
  recipe.weight_symmetry = choice("--weights", flags.weight_symmetry, kSymmetryWords);
  recipe.activation_dtype = dtype("--activation-type", flags.activation_dtype, kActivationTypes);
  recipe.weight_dtype = dtype("--weight-type", flags.weight_dtype, kWeightTypes);
  recipe.input_dtype = border_dtype("--input-type", flags.input_dtype);
  recipe.output_dtype = border_dtype("--output-type", flags.output_dtype);
  recipe.weight_granularity = choice("--granularity", flags.granularity, kGranularityWords);
  if (flags.block_size > 0) recipe.block_size = flags.block_size;
  recipe.exclude_nodes = flags.exclude;
  recipe.exclude_op_types = flags.exclude_op_types;
  options.disabled_passes = flags.disabled_passes;
  options.repairs = repair_names(flags.repair);
  options.coverage = choice("--coverage", flags.coverage, kCoverages).value_or(options.coverage);
  options.latency_threads = flags.latency_threads;
  options.threads = flags.threads;
  return options;
}

void add_usual_repair(const RecipeFlags& flags, const Dataset* calibration,
                      const std::string& usual, QuantizeOptions& options) {
  const bool can_repair =
      options.recipe.mode == Mode::kStatic && calibration != nullptr && calibration->size() > 1;
  if (flags.repair.empty() && can_repair) options.repairs = {usual};
}

}  // namespace octavo::cli
