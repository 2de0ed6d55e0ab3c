#include "octavo/regime.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "octavo/error.h"

namespace octavo {
namespace {

// For any model: one without such nodes is quantized all the same.
void put_first(Recipe& recipe, std::initializer_list<std::string_view> texts) {
  std::vector<Rule> rules;
  for (const std::string_view text : texts) {
    rules.push_back(parse_rule(text));
    rules.back().match = RuleMatch::kOptional;
  }
  recipe.rules.insert(recipe.rules.begin(), rules.begin(), rules.end());
}

// Every operator that the target has, one method: ranges are what was seen.
void apply_naive(QuantizeOptions& options) {
  options.coverage = Coverage::kWidest;
  options.recipe.activation_calibrator = {"max", {}};
  options.recipe.weight_calibrator = {"max", {}};
}

// Some layers stay float: those that guides call sensitive, whatever they do here.
void apply_hybrid(QuantizeOptions& options) {
  options.coverage = Coverage::kWidest;
  put_first(options.recipe, {"first=1: float", "last=1: float", "fewer-parameters=1000: float"});
}

// Weights by the kind of layer, residual branches in codes as the target wants them, and layers
// that measurably lose too much in float: docs/decisions/0014.
constexpr double kLeastLayerSqnr = 30;  // dB; eight bits that are used well give 35 and more

void apply_selective(QuantizeOptions& options) {
  options.coverage = Coverage::kWidest;
  options.recipe.activation_calibrator = {"mse", {}};
  options.recipe.least_layer_sqnr_db = kLeastLayerSqnr;
  put_first(options.recipe, {"op=Conv|ConvTranspose: granularity=per-channel",
                             "op=Gemm|MatMul: granularity=per-channel,weight-calibrator=mse"});
}

constexpr std::array<Regime, 3> kRegimes = {{
    {"hybrid", "the first and the last layer, and those of fewer than 1000 parameters, stay float",
     apply_hybrid},
    {"naive", "every operator that the target has, ranges as wide as what was seen", apply_naive},
    {"selective",
     "per-channel weights, those of Gemm and MatMul with ranges of least error, layers whose codes "
     "hold less than 30 dB in float",
     apply_selective},
}};

}  // namespace

std::span<const Regime> regimes() { return kRegimes; }

const Regime& find_regime(std::string_view name) {
  std::string known;
  for (const Regime& regime : kRegimes) {
    if (regime.name == name) return regime;
    known += (known.empty() ? "" : ", ") + std::string(regime.name);
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("unknown regime '{}', expected one of {}", name, known));
}

}  // namespace octavo
