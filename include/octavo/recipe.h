// What the user asks of a quantization, over and above the target's profile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/export.h"
#include "octavo/mode.h"
#include "octavo/quantization.h"
#include "octavo/statistics.h"

namespace octavo {

// One criterion of a rule: a word of selectors() and what it looks for.
struct NodeSelector {
  std::string word;                         // "op", "first", ...
  std::vector<std::string> arguments = {};  // {"Conv", "Gemm"}, {"1"}, ...
};

enum class RuleAction : std::uint8_t {
  kAdapt,    // changes how the nodes are quantized, not whether
  kInclude,  // they may be quantized, whatever an earlier rule said
  kExclude,  // they stay float
};

// What differs from the recipe and the target's profile. Nothing: as there.
struct SchemeOverrides {
  std::optional<DType> dtype = {};
  std::optional<int> bits = {};  // of the type's, so that fewer codes are used than it has
  std::optional<Symmetry> symmetry = {};
  std::optional<Granularity> granularity = {};  // of weights only
  std::optional<CalibratorSpec> calibrator = {};
};

// Whether a rule that selects nothing is a mistake.
enum class RuleMatch : std::uint8_t {
  kRequired,  // yes: somebody wrote it for this model
  kOptional,  // no: it is part of a regime, which is for any model
};

// What holds for the nodes that fit all of `selectors`.
struct Rule {
  std::string text;  // as users wrote it, for reasons and errors: "op=Conv,first=1: float"
  std::vector<NodeSelector> selectors;
  RuleAction action = RuleAction::kAdapt;
  SchemeOverrides activation = {};  // of every tensor that the nodes read or make as codes
  SchemeOverrides weight = {};      // of their constant weights
  RuleMatch match = RuleMatch::kRequired;
};

// What a caller does to pixels, 0 to 255, before it feeds them: ((p / divide) - mean) / std *
// multiply. Mean and standard deviation are one number or one a channel (axis 1).
struct Normalization {
  double divide = 1;
  std::vector<double> mean = {0};
  std::vector<double> standard_deviation = {1};
  double multiply = 1;
};

struct Recipe {
  Mode mode = Mode::kStatic;
  // Best signal-to-noise of the fixed choices on most models measured: docs/decisions/0003.
  CalibratorSpec activation_calibrator{"mse", {}};
  CalibratorSpec weight_calibrator{"max", {}};
  // Nothing: as the profile says.
  std::optional<Symmetry> activation_symmetry;
  std::optional<Symmetry> weight_symmetry;
  std::optional<DType> activation_dtype;
  std::optional<DType> weight_dtype;
  std::optional<Granularity> weight_granularity;
  // Elements of a weight that share a scale, where the mode and the type have blocks.
  std::optional<std::int64_t> block_size;
  // Nodes that stay float: by exact name or by regular expression over the whole name, and by type.
  std::vector<std::string> exclude_nodes;
  std::vector<std::string> exclude_op_types;
  // After those, in this order: what a later one says of a node replaces what an earlier one said
  // of the same thing.
  std::vector<Rule> rules;
  // A layer whose codes keep less signal over noise than this, by its weights and by what
  // calibration saw of its activations, stays float. Nothing: none does for that.
  std::optional<double> least_layer_sqnr_db;
  // What the caller feeds and gets, uint8 or int8: codes, with their scale and zero point in the
  // model's metadata. Nothing: float32.
  std::optional<DType> input_dtype;
  std::optional<DType> output_dtype;
  // The codes fed are pixels (uint8), and this is part of the model.
  std::optional<Normalization> pixels;
};

// "SELECTOR[,SELECTOR...]: SETTING[,SETTING...]", as in "op=Conv|Gemm,first=1: float" or
// "skip: activation-type=int16,calibrator=max". Throws Error(kInvalidArgument), naming the known
// words, for an unknown one.
OCTAVO_API Rule parse_rule(std::string_view text);

// The list `rules` of a YAML file: each entry such a text, or a mapping with a mapping `select` and
// the settings beside it. Throws Error(kInvalidFile), naming the line, for anything else.
OCTAVO_API std::vector<Rule> read_rules(const std::filesystem::path& path);

// The words that a rule may use, in the order of their names.
struct RuleWord {
  std::string_view form;  // "first=N"
  std::string_view help;
};
OCTAVO_API std::vector<RuleWord> selectors();
OCTAVO_API std::vector<RuleWord> rule_settings();

}  // namespace octavo
