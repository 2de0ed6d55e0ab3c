#include "pipeline/doubts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "calibration/tensor_statistics.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {
namespace {

// Fewer samples than this decide ranges by chance.
constexpr std::uint64_t kFewSamples = 8;

constexpr std::array<std::string_view, 3> kQuantizers = {"DequantizeLinear",
                                                         "DynamicQuantizeLinear", "QuantizeLinear"};

bool was_seen(const Statistics& statistics, const std::string& tensor) {
  return statistics.tensors().contains(tensor) && statistics.at(tensor).sketch().count() > 0;
}

void add_constant_inputs(const Model& model, const Statistics& statistics, Doubts& doubts) {
  for (const TensorInfo& input : model.inputs()) {
    if (!was_seen(statistics, input.name)) continue;
    const Sketch& sketch = statistics.at(input.name).sketch();
    if (sketch.min() != sketch.max()) continue;
    doubts.push_back(fmt::format(
        "input '{}' is {} throughout the {} sample(s): ranges made of them mean nothing",
        input.name, sketch.min(), statistics.sample_count()));
  }
}

void add_values_left_out(const Placement& placement, const Statistics& statistics, Doubts& doubts) {
  for (const std::string& tensor : placement.observed_tensors()) {
    const Sketch& sketch = statistics.at(tensor).sketch();
    const std::uint64_t bad =
        sketch.nan() + sketch.positive_infinity() + sketch.negative_infinity();
    if (bad == 0) continue;
    doubts.push_back(
        fmt::format("tensor '{}': {} of {} values are NaN or infinite; they were "
                    "left out of its range",
                    tensor, bad, sketch.count()));
  }
}

void add_widened_weights(const Plan& plan, Doubts& doubts) {
  const auto widened = std::count_if(plan.biases.begin(), plan.biases.end(),
                                     [](const PlannedBias& bias) { return bias.widened_by != 1; });
  if (widened == 0) return;
  doubts.push_back(
      fmt::format("{} node(s) have channels whose weights are tiny beside their "
                  "bias; those weights got coarser scales so that the bias fits "
                  "int32 (the plan lists them: weight_scale_widened_by)",
                  widened));
}

}  // namespace

Doubts doubts_of_model(const Model& model) {
  const auto& nodes = model.proto().graph().node();
  const auto quantizers = std::count_if(nodes.begin(), nodes.end(), [](const auto& node) {
    return std::find(kQuantizers.begin(), kQuantizers.end(), node.op_type()) != kQuantizers.end();
  });
  if (quantizers == 0) return {};
  return {
      fmt::format("the model is quantized already ({} node(s) that quantize or dequantize): what "
                  "they surround stays as it is; give the float model to quantize it anew",
                  quantizers)};
}

Doubts doubts_of_ranges(const Model& model, const Placement& placement,
                        const Statistics& statistics, const Plan& plan) {
  Doubts doubts;
  const std::uint64_t samples = statistics.sample_count();
  if (samples > 0 && samples < kFewSamples && !plan.activations.empty()) {
    doubts.push_back(
        fmt::format("ranges are those of {} sample(s): values that others reach will be clipped; "
                    "a few hundred are usual",
                    samples));
  }
  add_constant_inputs(model, statistics, doubts);
  add_values_left_out(placement, statistics, doubts);
  add_widened_weights(plan, doubts);
  return doubts;
}

Doubts doubts_of_nodes(std::span<const NodePlacement> nodes) {
  const bool any = std::any_of(nodes.begin(), nodes.end(), [](const NodePlacement& node) {
    return node.decision == Decision::kQuantized;
  });
  if (any || nodes.empty()) return {};
  const NodePlacement& first = nodes.front();
  return {
      fmt::format("nothing is quantized: node '{}' ({}) stays float, because {}; `octavo "
                  "inspect` says why of every node",
                  first.node, first.op_type, first.reason)};
}

}  // namespace octavo
