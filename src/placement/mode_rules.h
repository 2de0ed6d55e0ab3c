// What a target does with weights and types in the modes other than static: data of its profile.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "octavo/dtype.h"
#include "octavo/mode.h"

namespace octavo {

// How a node with a quantized weight is written.
enum class WeightForm : std::uint8_t {
#define OCTAVO_WEIGHT_FORM(identifier, name) identifier,
#include "placement/weight_form_list.inc"
#undef OCTAVO_WEIGHT_FORM
};

// "dequantize_linear", ...: the word that profiles use.
std::string_view to_string(WeightForm form);

struct TypedForm {
  DType dtype = DType::kInt8;
  WeightForm form{};
  bool operator==(const TypedForm&) const = default;
};

struct ModeRules {
  // kDynamic, kWeightOnly: by ONNX operator type, the weight types in the target's order of
  // preference. A type that an operator does not list gives way to the first that it lists.
  std::map<std::string, std::vector<TypedForm>, std::less<>> weights;
  // Elements of a block that the target's kernels take, and how many to take where nobody asks, by
  // weight type; a type without an entry has one scale a slice then.
  std::vector<std::int64_t> block_sizes;
  std::map<DType, std::int64_t> block_size;
  // kFloat16, kBfloat16: the operators that the target runs in that type.
  std::vector<std::string> half_operators;

  // Null if the target has no form of it.
  const std::vector<TypedForm>* forms(std::string_view op_type) const;
  // The form of `dtype` among them, or else the first.
  static TypedForm choose(const std::vector<TypedForm>& forms, DType dtype);
  bool runs_in_half(std::string_view op_type) const;
};

// The value of a profile's key "modes".
std::map<Mode, ModeRules> read_mode_rules(const Config& config);

}  // namespace octavo
