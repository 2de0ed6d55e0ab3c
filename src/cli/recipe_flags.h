// The flags that several verbs share: target and recipe.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/quantize.h"

namespace octavo::cli {

// What CLI11 fills: texts, turned into a recipe by to_options() after parsing.
struct RecipeFlags {
  std::string target = "onnxruntime-x86";
  std::string mode = "static";
  std::string activation_calibrator;
  std::string weight_calibrator;
  std::string activation_symmetry;
  std::string weight_symmetry;
  std::string activation_dtype;
  std::string weight_dtype;
  std::string granularity;
  std::string repair;  // names with , or + between them; "none" and "": no repair
  std::int64_t block_size = 0;
  std::string regime;
  std::vector<std::string> exclude;
  std::vector<std::string> include;
  std::vector<std::string> rules;
  std::string rules_file;
  double least_layer_sqnr_db = 0;
  std::string input_dtype;
  std::string output_dtype;
  std::vector<std::string> exclude_op_types;
  std::vector<std::string> disabled_passes;
  std::string coverage;  // empty: as the regime says, or fastest
  int latency_threads = 1;
  int threads = 1;
};

// While it lives, what is added to a verb stands under this title in its --help.
class HelpGroup {
 public:
  HelpGroup(CLI::App& verb, const std::string& title)
      : defaults_(*verb.option_defaults()), before_(defaults_.get_group()) {
    defaults_.group(title);
  }
  ~HelpGroup() { defaults_.group(before_); }
  HelpGroup(const HelpGroup&) = delete;
  HelpGroup& operator=(const HelpGroup&) = delete;

 private:
  CLI::OptionDefaults& defaults_;
  std::string before_;
};

// A regime a line, for --help.
std::string regime_help();
void add_target_flag(CLI::App& verb, RecipeFlags& flags);
// Which nodes are quantized, and how these differ from the others.
void add_rule_flags(CLI::App& verb, RecipeFlags& flags);
void add_recipe_flags(CLI::App& verb, RecipeFlags& flags);
QuantizeOptions to_options(const RecipeFlags& flags);
// Adds the repair `usual` where nothing is said of repairs. It takes a mode that has codes to
// repair, and samples to work with and others to be judged on; `calibration` may be null.
void add_usual_repair(const RecipeFlags& flags, const Dataset* calibration,
                      const std::string& usual, QuantizeOptions& options);

}  // namespace octavo::cli
