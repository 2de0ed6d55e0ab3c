// A deployment target as data: which operators run in which integer types, and where the runtime
// wants QuantizeLinear and DequantizeLinear so that it fuses them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/reference/integer_product.h"
#include "octavo/quantization.h"
#include "placement/mode_rules.h"

namespace octavo {

enum class BiasForm : std::uint8_t {
  kInt32,  // int32 codes with scale = activation scale x weight scale
  kFloat,  // left as it is
};

enum class OperatorRole : std::uint8_t {
  kWeighted,     // activation x constant weight (+ bias): what pays; quantization starts here
  kJoined,       // several activations in, one out, each with its own scale: Add, Mul, Concat
  kUnary,        // one activation in, one out, each with its own scale
  kPassThrough,  // moves values: input and output share one scale, Q/DQ on both sides
  kIntegerPassThrough,  // moves values, and is emitted on the integer codes themselves
};

enum class OutputForm : std::uint8_t {
  kQuantized,            // the kernel exists only with an integer output
  kFloatWhereNotReused,  // a float output is offered too, and taken where nothing quantized reads
                         // it
};

// Which operand of an addition the target computes within the operator that makes it.
enum class FusedOperand : std::uint8_t {
  kNone,
  kWeightedResult,  // the result of a weighted operator that nothing else reads: it stays float,
                    // and only the other operand (the residual) carries codes
};

// What the target does with one operator type.
struct OperatorRule {
  OperatorRole role = OperatorRole::kWeighted;
  OutputForm output = OutputForm::kQuantized;
  // kWeighted: the weight's granularity where it differs from the profile's.
  std::optional<Granularity> granularity;
  FusedOperand fused_operand = FusedOperand::kNone;  // kJoined
  // kWeighted: two activations may be multiplied as well (MatMul in attention).
  bool activation_operands = false;
  // The output lies in this range whatever the input: Softmax, Sigmoid.
  std::optional<Range> output_range;
  // kJoined: inputs and output get one scale, so that the runtime can copy codes, as long as the
  // widest range is at most this many times the narrowest. 0: never.
  double prefer_equal_scales_up_to_range_ratio = 0;
  // kIntegerPassThrough: the codes that the operator's own kernel moves; others pass through it in
  // float, between DequantizeLinear and QuantizeLinear. Empty: any.
  std::vector<DType> code_types = {};
  // String attributes that must have one of these values for the rule to hold.
  std::map<std::string, std::vector<std::string>> attributes;
};

struct Profile {
  std::string name;
  std::string description;
  std::string runtime;  // the executor that stands for this target; empty: none
  std::vector<std::string> other_runtimes = {};  // of the targets merged into this one
  // Machines ("x86_64", "aarch64") on which the runtime's times are the target's.
  std::vector<std::string> architectures;
  std::vector<std::string> sources;
  int opset = 13;  // the oldest that can express the scheme
  Scheme activation;
  Scheme weight;
  // The element types that the target has kernels for; those of the schemes are among them.
  std::vector<DType> activation_types;
  std::vector<DType> weight_types;
  Granularity weight_granularity = Granularity::kPerChannel;
  BiasForm bias = BiasForm::kInt32;
  // That the target takes as well as its own, which is among them.
  std::vector<BiasForm> bias_forms;
  // Of its kernels for uint8 activations and int8 weights.
  Accumulation accumulation = Accumulation::kInt32;
  // Activations between an operator and its QuantizeLinear that the target fuses or drops.
  std::vector<std::string> absorbed_activations;
  // What the target puts on integers by itself, with one scale for all of its weights, where it
  // stands in float between codes (FloatGuard keeps it from that).
  std::vector<std::string> quantized_unasked;
  // Operators that the target fuses an addition before them into, which may cost time.
  std::vector<std::string> fuses_additions_into = {};
  // Input channels that its integer convolutions want at least: fewer may be padded. 0: any.
  int least_conv_channels = 0;
  std::map<std::string, OperatorRule, std::less<>> operators;
  // Those besides static that the target can run.
  std::map<Mode, ModeRules> modes;
  // Where the file says what: "bias", "operators.Conv", ... -> line. For errors.
  std::map<std::string, int, std::less<>> lines;

  // Null if the target has no integer form of it.
  const OperatorRule* rule(std::string_view op_type) const;
  bool absorbs(std::string_view op_type) const;
  bool quantizes_unasked(std::string_view op_type) const;
  // Throws Error(kUnsupported), naming those that it can, for a mode that the target cannot run.
  const ModeRules& mode_rules(Mode mode) const;
  // Measuring on this machine says something about the target.
  bool runs_here() const;
};

// The shipped profile of that name, or the JSON file at that path; several, separated by commas,
// are merged. Throws Error(kInvalidArgument), listing the shipped ones, for an unknown name;
// Error(kInvalidFile) naming file, line and key for anything in the file that the schema does not
// know.
Profile load_profile(std::string_view name_or_path);
Profile parse_profile(const std::string& text, const std::string& file_name);

// The profiles that are compiled in, sorted by name.
struct ShippedProfile {
  std::string_view name;
  std::string_view text;  // the JSON file as it is
};
std::vector<ShippedProfile> shipped_profiles();

}  // namespace octavo
