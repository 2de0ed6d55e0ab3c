#include "repair/smooth.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include "core/parallel_for.h"
#include "model/graph.h"
#include "octavo/quantization.h"
#include "repair/input_scaling.h"
#include "repair/staged_run.h"
#include "repair/unfold.h"

namespace octavo {
namespace {

constexpr std::size_t kCandidates = 11;
constexpr double kStep = 0.1;
// Of the error, with the best alpha, at most.
constexpr double kMostLeft = 0.95;
// Rows of an input that errors are measured on, all samples together.
constexpr std::size_t kColumns = 512;
// Inputs that are looked at in one run, so that memory does not grow with the network.
constexpr std::size_t kInputsAtOnce = 16;

constexpr Scheme kActivation = {.dtype = DType::kUint8, .symmetry = Symmetry::kAsymmetric};
constexpr Scheme kWeight = {
    .dtype = DType::kInt8, .symmetry = Symmetry::kSymmetric, .narrow_range = true};

// What one sample, or all of them, put into a tensor.
struct SeenInput {
  Eigen::MatrixXf columns;  // some of its rows, channels x count
  Eigen::VectorXf min;      // of each channel, over all rows
  Eigen::VectorXf max;
};

SeenInput look_at(const TensorView& values, std::size_t channels, std::size_t columns,
                  std::uint64_t seed) {
  Window window;
  window.rows = channels;
  SeenInput seen{unfold(values, window, columns, seed).front(), {}, {}};
  const auto rows = static_cast<Eigen::Index>(channels);
  const Eigen::Map<const Eigen::MatrixXf> all(
      reinterpret_cast<const float*>(values.bytes.data()), rows,
      static_cast<Eigen::Index>(values.bytes.size() / sizeof(float) / channels));
  seen.min = all.rowwise().minCoeff();
  seen.max = all.rowwise().maxCoeff();
  return seen;
}

SeenInput joined(const std::vector<SeenInput>& samples) {
  SeenInput result = samples.front();
  Eigen::Index count = 0;
  for (const SeenInput& sample : samples) count += sample.columns.cols();
  result.columns.resize(Eigen::NoChange, count);
  Eigen::Index at = 0;
  for (const SeenInput& sample : samples) {
    result.columns.middleCols(at, sample.columns.cols()) = sample.columns;
    at += sample.columns.cols();
    result.min = result.min.cwiseMin(sample.min);
    result.max = result.max.cwiseMax(sample.max);
  }
  return result;
}

Eigen::MatrixXf rounded(const Eigen::MatrixXf& values, const Range& range, const Scheme& scheme) {
  const ScaleZeroPoint params = choose_params(range, scheme);
  const CodeRange codes = code_range(scheme);
  return values.unaryExpr(
      [&](float value) { return dequantize(quantize(value, params, codes), params); });
}

// One scale a column.
Eigen::MatrixXf rounded_columns(Eigen::MatrixXf values) {
  for (Eigen::Index column = 0; column < values.cols(); ++column) {
    const auto largest = static_cast<double>(values.col(column).cwiseAbs().maxCoeff());
    values.col(column) = rounded(values.col(column), {-largest, largest}, kWeight);
  }
  return values;
}

// One input with the weights of its readers, input channels x output channels.
struct SearchTask {
  SeenInput seen;
  std::vector<Eigen::MatrixXf> weights;
};

Eigen::VectorXd magnitudes(const SeenInput& seen) {
  return seen.min.cwiseAbs().cwiseMax(seen.max.cwiseAbs()).cast<double>();
}

// Channels without inputs or without weights stay.
std::vector<double> factors_for(const SearchTask& task, double alpha) {
  const Eigen::VectorXd inputs = magnitudes(task.seen);
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(inputs.size());
  for (const Eigen::MatrixXf& matrix : task.weights) {
    weights = weights.cwiseMax(matrix.cwiseAbs().rowwise().maxCoeff().cast<double>());
  }
  std::vector<double> logs(static_cast<std::size_t>(inputs.size()), 0);
  double sum = 0;
  double count = 0;
  for (Eigen::Index i = 0; i < inputs.size(); ++i) {
    if (!(inputs[i] > 0) || !(weights[i] > 0)) continue;
    logs[static_cast<std::size_t>(i)] =
        alpha * std::log(inputs[i]) - (1 - alpha) * std::log(weights[i]);
    sum += logs[static_cast<std::size_t>(i)];
    ++count;
  }
  std::vector<double> factors(logs.size(), 1);
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    if (inputs[row] > 0 && weights[row] > 0) factors[i] = std::exp(logs[i] - sum / count);
  }
  return factors;
}

// Of all outputs, in total.
double error_with(const SearchTask& task, const std::vector<double>& factors) {
  const Eigen::VectorXf scale =
      Eigen::Map<const Eigen::VectorXd>(factors.data(), static_cast<Eigen::Index>(factors.size()))
          .cast<float>();
  const Eigen::MatrixXf columns = scale.cwiseInverse().asDiagonal() * task.seen.columns;
  const Range range = {static_cast<double>(task.seen.min.cwiseQuotient(scale).minCoeff()),
                       static_cast<double>(task.seen.max.cwiseQuotient(scale).maxCoeff())};
  const Eigen::MatrixXf codes = rounded(columns, range, kActivation);
  double error = 0;
  for (const Eigen::MatrixXf& weights : task.weights) {
    const Eigen::MatrixXf coded = rounded_columns(scale.asDiagonal() * weights);
    error += static_cast<double>(
        (weights.transpose() * task.seen.columns - coded.transpose() * codes).squaredNorm());
  }
  return error;
}

struct Smoothed {
  std::vector<double> factors;  // empty: nothing helps
  double alpha = 0;
  double left = 1;  // of the error
};

Smoothed search(const SearchTask& task, int threads) {
  const std::vector<double> ones(static_cast<std::size_t>(task.seen.min.size()), 1);
  const double before = error_with(task, ones);
  std::vector<double> errors(kCandidates);
  parallel_for(kCandidates, threads, [&]() -> Round {
    return [&](std::size_t candidate) {
      errors[candidate] =
          error_with(task, factors_for(task, kStep * static_cast<double>(candidate)));
    };
  });
  const auto best = std::min_element(errors.begin(), errors.end());
  if (!(*best <= kMostLeft * before)) return {};
  const double alpha = kStep * static_cast<double>(best - errors.begin());
  return {factors_for(task, alpha), alpha, *best / before};
}

class Smoother {
 public:
  explicit Smoother(const RepairTask& task) : task_(task), graph_(task.reference.proto().graph()) {}

  FloatProposal run() {
    proposal_.model = task_.reference;
    std::vector<ScalableInput> inputs;
    for (ScalableInput& input : scalable_inputs(graph_)) {
      if (input.source == ScaleSource::kConstants) {
        inputs.push_back(std::move(input));
      } else {
        for (const std::string& reader : input.readers) {
          proposal_.refusals.push_back({reader, "nothing takes its scales: " + input.obstacle});
        }
      }
    }
    for (std::size_t first = 0; first < inputs.size(); first += kInputsAtOnce) {
      const std::size_t count = std::min(kInputsAtOnce, inputs.size() - first);
      smooth(std::span(inputs).subspan(first, count));
    }
    return std::move(proposal_);
  }

 private:
  void smooth(std::span<const ScalableInput> inputs) {
    std::vector<std::string> tensors;
    for (const ScalableInput& input : inputs) tensors.push_back(input.tensor);
    std::vector<std::vector<SeenInput>> seen(inputs.size(),
                                             std::vector<SeenInput>(task_.data.size()));
    const std::size_t columns = kColumns / task_.data.size() + 1;
    StagedRun(task_.data, task_.executor, task_.threads)
        .observe(task_.reference, tensors,
                 [&](std::size_t sample, std::size_t tensor, const TensorView& values) {
                   seen[tensor][sample] = look_at(values, inputs[tensor].channels, columns, sample);
                 });
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      settle(inputs[i], search({joined(seen[i]), weights_of(inputs[i])}, task_.threads));
    }
  }

  std::vector<Eigen::MatrixXf> weights_of(const ScalableInput& input) const {
    std::vector<Eigen::MatrixXf> weights;
    for (const std::string& reader : input.readers) {
      const auto found = as_linear_node(graph_, *graph_.node(reader));
      const auto& layer = std::get<LinearNode>(found);
      Eigen::MatrixXf matrix(static_cast<Eigen::Index>(layer.input_channels),
                             static_cast<Eigen::Index>(layer.output_channels));
      for (std::size_t i = 0; i < layer.weights.size(); ++i) {
        matrix(static_cast<Eigen::Index>(layer.input_layout.channel(i)),
               static_cast<Eigen::Index>(layer.output_layout.channel(i))) =
            layer.weights.as<float>()[i];
      }
      weights.push_back(std::move(matrix));
    }
    return weights;
  }

  void settle(const ScalableInput& input, const Smoothed& found) {
    const bool changes =
        !found.factors.empty() && !divide_input(proposal_.model, input, found.factors).empty();
    for (const std::string& reader : input.readers) {
      if (changes) {
        proposal_.changes.push_back(
            {reader, fmt::format("inputs scaled with alpha {:.1f}: {:.0f} % of the error left",
                                 found.alpha, 100 * found.left)});
      } else {
        proposal_.refusals.push_back({reader, "no scale makes its error smaller by enough"});
      }
    }
  }

  const RepairTask& task_;
  const Graph graph_;
  FloatProposal proposal_;
};

}  // namespace

std::vector<FloatProposal> propose_smooth(const RepairTask& task) {
  std::vector<FloatProposal> proposals;
  proposals.push_back(Smoother(task).run());
  return proposals;
}

}  // namespace octavo
