#include "report/depth_error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "core/decibels.h"
#include "model/graph.h"
#include "octavo/executor.h"

namespace octavo {
namespace {

// One runtime that can leave its optimizations out: only then is every tensor to be seen.
constexpr std::string_view kComparingRuntime = "onnxruntime";

struct Pair {
  std::string tensor;       // in the prepared model
  std::string dequantized;  // what stands for it in the quantized one
};

struct Sums {
  double signal = 0;
  double noise = 0;
  double count = 0;
};

std::vector<Pair> comparable(const Evidence& evidence) {
  const Graph prepared(evidence.prepared.proto().graph());
  const Graph quantized(evidence.quantized.proto().graph());
  std::vector<Pair> pairs;
  for (const PlannedActivation& activation : evidence.plan.activations) {
    const onnx::NodeProto* node = quantized.node(activation.tensor + "/DequantizeLinear");
    // What only guarded operators read (FloatGuard) has no other one.
    if (node == nullptr) node = quantized.node(activation.tensor + "_guarded/DequantizeLinear");
    if (node == nullptr || prepared.producer(activation.tensor) == nullptr) continue;
    pairs.push_back({activation.tensor, node->output(0)});
  }
  return pairs;
}

std::unique_ptr<Session> open(const Model& model, const std::vector<Pair>& pairs,
                              std::string Pair::* name) {
  SessionOptions options;
  options.optimization = Optimization::kNone;
  for (const Pair& pair : pairs) options.outputs.push_back(pair.*name);
  return make_executor(kComparingRuntime)->load(model, options);
}

std::span<const float> floats(const TensorView& view) {
  return {reinterpret_cast<const float*>(view.bytes.data()), view.bytes.size() / sizeof(float)};
}

void add(std::span<const float> expected, std::span<const float> found, Sums& sums) {
  for (std::size_t i = 0; i < std::min(expected.size(), found.size()); ++i) {
    const double value = expected[i];
    const double difference = found[i] - value;
    if (!std::isfinite(value) || !std::isfinite(difference)) continue;
    sums.signal += value * value;
    sums.noise += difference * difference;
    sums.count += 1;
  }
}

}  // namespace

std::map<std::string, DepthError, std::less<>> error_along_depth(const Evidence& evidence,
                                                                 const Dataset& data,
                                                                 std::size_t samples) {
  const std::vector<Pair> pairs = comparable(evidence);
  if (pairs.empty()) return {};
  const auto before = open(evidence.prepared, pairs, &Pair::tensor);
  const auto after = open(evidence.quantized, pairs, &Pair::dequantized);
  std::vector<Sums> sums(pairs.size());
  for (std::size_t sample = 0; sample < std::min(samples, data.size()); ++sample) {
    const Sample inputs = data.at(sample);
    const std::vector<Tensor> expected = before->run(inputs.inputs);
    after->run(inputs.inputs, [&](std::size_t index, const TensorView& view) {
      add(expected[index].as<float>(), floats(view), sums[index]);
    });
  }
  std::map<std::string, DepthError, std::less<>> errors;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (sums[i].count == 0) continue;
    errors[pairs[i].tensor] = {signal_to_noise_db(sums[i].signal, sums[i].noise),
                               std::sqrt(sums[i].noise / sums[i].count)};
  }
  return errors;
}

}  // namespace octavo
