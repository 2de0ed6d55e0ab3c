#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <set>

#include "core/parallel_for.h"
#include "core/reference/integer_product.h"
#include "octavo/error.h"
#include "octavo/executor.h"
#include "octavo/simulation.h"
#include "placement/profile.h"
#include "runtime/session_pool.h"
#include "search/simulation/integer_layers.h"

namespace octavo {
namespace {

constexpr std::string_view kRuntime = "onnxruntime";

// Why a kernel adds up exactly; empty where it does not.
std::string_view exact_because(const IntegerLayer& layer, Accumulation accumulation) {
  if (accumulation == Accumulation::kInt32) return "int32";
  if (layer.activation_dtype != DType::kUint8 || layer.weight_dtype != DType::kInt8) {
    return "int32: not uint8 by int8";
  }
  return layer.is_depthwise() ? "int32: depthwise" : "";
}

struct Damage {
  std::size_t pairs = 0;
  std::size_t saturated_pairs = 0;
  std::size_t sums = 0;
  std::size_t damaged_sums = 0;
  double signal = 0;
  double noise = 0;

  void add(const Damage& other) {
    pairs += other.pairs;
    saturated_pairs += other.saturated_pairs;
    sums += other.sums;
    damaged_sums += other.damaged_sums;
    signal += other.signal;
    noise += other.noise;
  }
};

// One product, as the kernel gives it and exactly, in real units of its output channels.
Damage damage_of(const IntegerOperands& operands, std::span<const float> scales) {
  const IntegerProduct product = multiply(operands, Accumulation::kInt16Pairs);
  Damage damage{
      product.pairs, product.saturated_pairs, product.sums.size(), product.damaged_sums, 0, 0};
  if (product.saturated_pairs == 0) return damage;
  const IntegerProduct exact = multiply(operands, Accumulation::kInt32);
  for (std::size_t i = 0; i < product.sums.size(); ++i) {
    const double scale = scales[scales.size() > 1 ? i % operands.columns : 0];
    const double value = scale * exact.sums[i];
    const double error = scale * product.sums[i] - value;
    damage.signal += value * value;
    damage.noise += error * error;
  }
  return damage;
}

std::vector<std::int32_t> codes_of(const TensorView& view) {
  std::vector<std::int32_t> codes(element_count(view.shape));
  const DTypeTraits& type = traits(view.dtype);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    codes[i] = static_cast<std::int32_t>(type.decode(view.bytes.data(), i));
  }
  return codes;
}

// Scales or zero points of one group: all of them where there is only one.
template <typename T>
std::vector<T> of_group(const std::vector<T>& values, std::size_t group, std::size_t outputs) {
  if (values.size() == 1) return values;
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(group * outputs);
  return {begin, begin + static_cast<std::ptrdiff_t>(outputs)};
}

Damage matrix_damage(const IntegerLayer& layer, std::span<const std::int32_t> codes) {
  return damage_of({codes.size() / layer.inner, layer.inner, layer.outputs, codes, layer.weights,
                    layer.activation_zero_point, layer.weight_zero_points},
                   layer.weight_scales);
}

Damage convolution_damage(const IntegerLayer& layer, const ConvolutionGeometry& geometry,
                          const Shape& shape, std::span<const std::int32_t> codes) {
  const std::span lengths = std::span(shape).subspan(2);
  const std::size_t channels = layer.inner / layer.taps();
  const std::size_t outputs = layer.outputs / layer.groups;
  const std::size_t group_codes = codes.size() / static_cast<std::size_t>(shape[0]) / layer.groups;
  Damage damage;
  for (std::size_t part = 0; (part + 1) * group_codes <= codes.size(); ++part) {
    const std::size_t group = part % layer.groups;
    const auto rows = image_columns(codes.subspan(part * group_codes, group_codes), channels,
                                    lengths, geometry, layer.activation_zero_point);
    const std::span weights =
        std::span(layer.weights).subspan(group * outputs * layer.inner, outputs * layer.inner);
    damage.add(
        damage_of({rows.size() / layer.inner, layer.inner, outputs, rows, weights,
                   layer.activation_zero_point, of_group(layer.weight_zero_points, group, outputs)},
                  of_group(layer.weight_scales, group, outputs)));
  }
  return damage;
}

Damage layer_damage(const IntegerLayer& layer, const TensorView& activation) {
  const std::vector<std::int32_t> codes = codes_of(activation);
  if (!layer.geometry) return matrix_damage(layer, codes);
  return convolution_damage(layer, *layer.geometry, activation.shape, codes);
}

// Runs the samples and hands each layer the codes that it reads.
class Simulation {
 public:
  Simulation(const Model& model, std::span<const IntegerLayer> layers, Accumulation accumulation)
      : model_(model), layers_(layers), damages_(layers.size()) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (exact_because(layers[i], accumulation).empty())
        readers_[layers[i].activation].push_back(i);
    }
  }

  void run(const Dataset& data, std::size_t samples, const Executor& executor,
           const SimulationOptions& options) {
    if (readers_.empty()) return;
    SessionOptions session_options;
    session_options.optimization = Optimization::kNone;
    for (const auto& [tensor, readers] : readers_) session_options.outputs.push_back(tensor);
    std::size_t done = 0;
    SessionPool sessions(executor, model_, session_options, options.threads, samples);
    parallel_for(samples, options.threads, [&]() -> Round {
      return [&, session = sessions.lend()](std::size_t sample) {
        std::vector<Damage> damages(layers_.size());
        const auto visit = [&](std::size_t output, const TensorView& view) {
          for (const std::size_t layer : readers_.at(session_options.outputs[output])) {
            damages[layer] = layer_damage(layers_[layer], view);
          }
        };
        session->run(data.at(sample).inputs, visit);
        const std::scoped_lock lock(mutex_);
        for (std::size_t i = 0; i < damages.size(); ++i) damages_[i].add(damages[i]);
        if (options.progress) options.progress(++done, samples);
      };
    });
  }

  const Damage& damage(std::size_t layer) const { return damages_[layer]; }

 private:
  const Model& model_;
  std::span<const IntegerLayer> layers_;
  std::map<std::string, std::vector<std::size_t>> readers_;  // layers, by the codes they read
  std::vector<Damage> damages_;
  std::mutex mutex_;
};

SimulatedLayer simulated(const IntegerLayer& layer, const Damage& damage,
                         Accumulation accumulation) {
  const std::string_view exact = exact_because(layer, accumulation);
  SimulatedLayer result;
  result.node = layer.node;
  result.op_type = layer.op_type;
  result.kernel = exact.empty() ? "int16 pairs" : std::string(exact);
  result.pairs = damage.pairs;
  result.saturated_pairs = damage.saturated_pairs;
  result.sums = damage.sums;
  result.damaged_sums = damage.damaged_sums;
  result.sqnr_db = damage.noise == 0 ? std::numeric_limits<double>::infinity()
                                     : 10 * std::log10(damage.signal / damage.noise);
  return result;
}

}  // namespace

SimulationReport simulate_kernels(const Model& quantized, const Dataset& data,
                                  const SimulationOptions& options) {
  const Profile profile = load_profile(options.target);
  const Graph graph(quantized.proto().graph());
  const std::vector<IntegerLayer> layers = integer_layers(graph);
  if (layers.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "nothing to simulate: the model has no Conv, Gemm or MatMul that reads codes of an "
                "activation and of a constant weight");
  }
  if (data.size() == 0) throw Error(ErrorCode::kInvalidData, "simulation: there are no samples");
  const auto executor = make_executor(kRuntime);
  SimulationReport report;
  report.target = profile.name;
  report.accumulation = to_string(profile.accumulation);
  report.samples = std::min(options.samples, data.size());
  report.runtime = fmt::format("{} {}", executor->name(), executor->version());
  Simulation simulation(quantized, layers, profile.accumulation);
  simulation.run(data, report.samples, *executor, options);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    report.layers.push_back(simulated(layers[i], simulation.damage(i), profile.accumulation));
  }
  return report;
}

}  // namespace octavo
