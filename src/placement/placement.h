// Which tensors carry integer codes, decided from the graph and the profile alone: no numbers yet.
//
//   before                              after (x86 profile)
//   x -> Conv -> Relu -> MaxPool -> y   x Q DQ -> Conv -> [Relu] Q DQ -> MaxPool -> Q DQ -> y
//                                       one scale for both ends of MaxPool; Relu left to the
//                                       rewrite
//
// Quantization starts at the weighted operators and spreads through the operators that the target
// can run between them; what gains nothing (no quantized reader) is taken back. Every node ends
// with a decision and a reason in plain words.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "octavo/quantization.h"
#include "placement/profile.h"

namespace octavo {

enum class Decision : std::uint8_t {
  kQuantized,  // runs on integers
  kAbsorbed,   // an activation that the Q after it takes over
  kFloat,      // stays as it is
};

std::string_view to_string(Decision decision);  // "quantized", "absorbed", "float"

struct NodePlacement {
  std::string node;
  std::string op_type;
  Decision decision = Decision::kFloat;
  std::string reason;
  std::optional<OperatorRole> role;  // of a quantized node
  std::string rules = {};            // of the recipe, that say something of it
};

// Whether a tensor that carries codes still exists in float beside them.
enum class FloatForm : std::uint8_t {
  kAvailable,  // made by a float node or fed by the caller: float readers take it as it is
  kNone,       // made by an integer kernel: float readers take the dequantized codes
};

struct QuantizedActivation {
  std::string tensor;
  std::size_t group = 0;  // index into Placement::groups
  FloatForm float_form = FloatForm::kNone;
};

// Activations that share one scale and zero point because a node between them only moves values.
struct ScaleGroup {
  std::vector<std::string>
      observed;                      // what calibration must look at; the others hold no new values
  std::optional<Range> fixed_range;  // known from the operator: nothing to observe
};

// Groups that should get one common scale if their ranges are alike (inputs and output of a
// Concat).
struct EqualScaleWish {
  std::string node;
  std::vector<std::size_t> groups;
  double up_to_range_ratio = 0;
};

// A constant that a quantized node reads as codes.
struct QuantizedConstant {
  std::string tensor;
  std::string node;
  int input = 0;
  std::optional<int> axis;  // none: per tensor
  // A weight uses the profile's weight scheme, an operand of Add or Mul the activation's.
  enum class Kind : std::uint8_t { kWeight, kOperand } kind = Kind::kWeight;
};

struct QuantizedBias {
  std::string tensor;
  std::string node;
  int input = 0;
  std::string activation;  // its scale is that of this activation ...
  std::string weight;      // ... times that of this weight
};

struct Placement {
  std::vector<NodePlacement> nodes;              // every node, in graph order
  std::vector<QuantizedActivation> activations;  // in the order of the tensors in the graph
  std::vector<ScaleGroup> groups;
  std::vector<EqualScaleWish> equal_scale_wishes;
  std::vector<QuantizedConstant> constants;
  std::vector<QuantizedBias> biases;

  const NodePlacement& node(std::string_view name) const;
  const QuantizedActivation* activation(std::string_view tensor) const;
  // Every tensor that calibration must observe, in graph order.
  std::vector<std::string> observed_tensors() const;
};

// What becomes of a result that nothing quantized reads, but the caller.
enum class OutputCodes : std::uint8_t {
  kWhereCheaper,  // codes only where the target's kernel makes nothing else
  kWanted,        // codes wherever there is a kernel for them
};

struct PlacementOptions {
  // Nodes that stay float whatever the profile says, with the reason that reports show.
  std::map<std::string, std::string, std::less<>> keep_float;
  // Of these nodes' weights, where it differs from the profile's.
  std::map<std::string, Granularity, std::less<>> weight_granularity = {};
  // What NodePlacement::rules says of these nodes.
  std::map<std::string, std::string, std::less<>> rules = {};
  OutputCodes outputs = OutputCodes::kWhereCheaper;
};

// Every node of `graph` must have a unique name (prepare() sees to it).
Placement place(const Graph& graph, const Profile& profile, const PlacementOptions& options);

}  // namespace octavo
