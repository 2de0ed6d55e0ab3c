#include "repair/awq.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/parallel_for.h"
#include "model/graph.h"
#include "modes/select_weights.h"
#include "repair/input_scaling.h"
#include "repair/visit_layers.h"

namespace octavo {
namespace {

// Powers of the root mean square: 0, 0.05, ... 0.95.
constexpr std::size_t kCandidates = 20;
constexpr double kStep = 0.05;
// So much of the error must remain at most.
constexpr double kMostLeft = 0.99;
constexpr double kMostLeftWithMultiply = 0.8;
// A channel of nothing but zeros is as one this much smaller than the largest.
constexpr double kSmallest = 1e-4;

struct ChosenScale {
  ScalableInput input;
  std::vector<double> factors;
  double alpha = 0;
  double left = 1;  // of the error
};

// s = rms^alpha, around 1.
std::vector<double> factors_for(const Eigen::VectorXd& squares, double alpha) {
  const Eigen::VectorXd rms =
      squares.cwiseMax(squares.maxCoeff() * kSmallest * kSmallest).cwiseSqrt();
  const double middle = std::sqrt(rms.maxCoeff() * rms.minCoeff());
  std::vector<double> factors;
  for (const double value : rms) factors.push_back(std::pow(value / middle, alpha));
  return factors;
}

// A reader that will have codes.
struct CodedReader {
  LinearNode layer;
  SelectedWeight selected;
};

// tr(D^T second D).
double error_with(const CodedReader& reader, const Eigen::MatrixXf& second,
                  const std::vector<double>& factors) {
  const LinearNode& layer = reader.layer;
  Tensor scaled = layer.weights;
  const auto values = scaled.mutable_as<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] =
        static_cast<float>(static_cast<double>(values[i]) * factors[layer.input_layout.channel(i)]);
  }
  const Tensor rounded = fake_quantize(scaled, weight_params(scaled, reader.selected));
  Eigen::MatrixXf errors(static_cast<Eigen::Index>(layer.input_channels),
                         static_cast<Eigen::Index>(layer.output_channels));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t row = layer.input_layout.channel(i);
    errors(static_cast<Eigen::Index>(row),
           static_cast<Eigen::Index>(layer.output_layout.channel(i))) =
        static_cast<float>(
            (static_cast<double>(rounded.as<float>()[i]) - static_cast<double>(values[i])) /
            factors[row]);
  }
  return static_cast<double>((second * errors).cwiseProduct(errors).sum());
}

class ChannelScaling {
 public:
  ChannelScaling(const WeightRepairTask& task, RepairedWeights before)
      : task_(task), reference_(before.model), result_{std::move(before), {}, {}} {}

  WeightRepairResult run() {
    const Graph graph(reference_.proto().graph());
    for (ScalableInput& input : scalable_inputs(graph)) {
      inputs_.emplace(input.tensor, std::move(input));
    }
    const RepairTask task{reference_, task_.data, task_.executor, task_.threads};
    result_.refusals = visit_layers(
        task, layer_waves(graph, result_.repaired.plan), [this] { return reference_; },
        [&](const std::string& node, const std::vector<InputMoments>& moments) {
          return search(graph, node, moments.front());
        });
    for (const ChosenScale& scale : chosen_) apply(scale);
    if (result_.changes.empty()) return std::move(result_);
    RepairedWeights& repaired = result_.repaired;
    auto nodes = std::move(repaired.plan.nodes);
    repaired.plan =
        plan_weights(Graph(repaired.model.proto().graph()), repaired.selection, task_.recipe);
    repaired.plan.nodes = std::move(nodes);
    return std::move(result_);
  }

 private:
  std::vector<CodedReader> coded_readers(const Graph& graph, const ScalableInput& input) const {
    std::vector<CodedReader> readers;
    for (const SelectedWeight& weight : result_.repaired.selection.weights) {
      const bool reads =
          std::find(input.readers.begin(), input.readers.end(), weight.node) != input.readers.end();
      if (!reads || weight.input != 1) continue;
      auto layer = as_linear_node(graph, *graph.node(weight.node));
      readers.push_back({std::get<LinearNode>(std::move(layer)), weight});
    }
    return readers;
  }

  // Once for all layers that read the same tensor.
  std::optional<std::string> search(const Graph& graph, const std::string& node,
                                    const InputMoments& moments) {
    const auto found = inputs_.find(graph.node(node)->input(0));
    if (found == inputs_.end()) return "only Gemm and MatMul have channels to scale";
    if (found->second.readers.empty()) return std::nullopt;  // done
    const ScalableInput input = std::exchange(found->second, {});
    const std::vector<CodedReader> readers = coded_readers(graph, input);
    const Eigen::MatrixXf second = moments.second.cast<float>();
    const Eigen::VectorXd squares = moments.second.diagonal();
    if (!(squares.maxCoeff() > 0)) return std::nullopt;
    std::vector<double> errors(kCandidates, 0);
    parallel_for(kCandidates, task_.threads, [&]() -> Round {
      return [&](std::size_t candidate) {
        const auto factors = factors_for(squares, kStep * static_cast<double>(candidate));
        for (const CodedReader& reader : readers) {
          errors[candidate] += error_with(reader, second, factors);
        }
      };
    });
    const auto best =
        static_cast<std::size_t>(std::min_element(errors.begin(), errors.end()) - errors.begin());
    const bool folds = input.source == ScaleSource::kConstants;
    const double left = errors[best] / errors[0];
    if (best == 0 || !(left <= (folds ? kMostLeft : kMostLeftWithMultiply))) {
      return "no scale makes its error smaller by enough";
    }
    const double alpha = kStep * static_cast<double>(best);
    chosen_.push_back({input, factors_for(squares, alpha), alpha, left});
    return std::nullopt;
  }

  void apply(const ChosenScale& scale) {
    const auto changed = divide_input(result_.repaired.model, scale.input, scale.factors);
    for (const std::string& reader : scale.input.readers) {
      if (changed.empty()) {
        result_.refusals.push_back({reader, "a scaled weight would leave float's range"});
        continue;
      }
      const bool folds = scale.input.source == ScaleSource::kConstants;
      result_.changes.push_back(
          {reader, fmt::format("inputs scaled with alpha {:.2f}, {}: {:.0f} % of the error left",
                               scale.alpha, folds ? "folded" : "by a Mul", 100 * scale.left)});
    }
  }

  const WeightRepairTask& task_;
  Model reference_;
  WeightRepairResult result_;
  std::map<std::string, ScalableInput, std::less<>> inputs_;  // empty: done
  std::vector<ChosenScale> chosen_;
};

}  // namespace

WeightRepairResult repair_awq(const WeightRepairTask& task, RepairedWeights before) {
  return ChannelScaling(task, std::move(before)).run();
}

}  // namespace octavo
