#include "search/sensitivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <string_view>
#include <tuple>
#include <utility>

#include "calibration/tensor_statistics.h"
#include "core/parallel_for.h"
#include "data/selection.h"
#include "model/operators.h"
#include "model/tensor_proto.h"
#include "octavo/error.h"
#include "rewrite/rewrite.h"
#include "runtime/session_pool.h"
#include "search/layers.h"
#include "search/local_error.h"
#include "search/sensitivity_hint.h"

namespace octavo {
namespace {

struct ReferenceSample {
  Sample sample;
  std::vector<Tensor> outputs;  // of the float network
};

bool hurts_more(const LayerSensitivity& a, const LayerSensitivity& b) {
  // Outputs that are not even numbers are the worst of all.
  const auto rank = [](const LayerSensitivity& layer) {
    const double sqnr = layer.output_sqnr_db;
    return std::tuple(!std::isnan(sqnr), std::isnan(sqnr) ? 0 : sqnr, std::string_view(layer.node));
  };
  return rank(a) < rank(b);
}

class Analysis {
 public:
  Analysis(const SensitivityTask& task, const Dataset& dataset, const Executor& executor,
           const SensitivityOptions& options)
      : task_(task),
        dataset_(dataset),
        executor_(executor),
        options_(options),
        graph_(task.model.proto().graph()) {
    for (const auto& output : graph_.proto().output()) output_names_.push_back(output.name());
  }

  SensitivityReport run() {
    run_reference();
    SensitivityReport report;
    report.samples = samples_.size();
    report.runtime = fmt::format("{} {}", executor_.name(), executor_.version());
    if (options_.metric != nullptr) {
      report.metric = options_.metric->name;
      report.float_metric = reference_metric();
    }
    const std::vector<Layer> layers = layers_of(graph_, task_.placement);
    report.layers.resize(layers.size());
    parallel_for(layers.size(), options_.threads, [&]() -> Round {
      return [&](std::size_t i) {
        report.layers[i] = examine(layers[i]);
        report_progress(layers.size());
      };
    });
    std::sort(report.layers.begin(), report.layers.end(), hurts_more);
    return report;
  }

 private:
  void run_reference() {
    const std::vector<std::size_t> used = evenly_spread(options_.samples, dataset_.size());
    if (used.empty()) throw Error(ErrorCode::kInvalidData, "no samples to measure sensitivity on");
    samples_.resize(used.size());
    SessionPool sessions(executor_, task_.model, {}, options_.threads, used.size());
    parallel_for(used.size(), options_.threads, [&]() -> Round {
      return [this, &used, session = sessions.lend()](std::size_t i) {
        Sample sample = dataset_.at(used[i]);
        std::vector<Tensor> outputs = session->run(sample.inputs);
        samples_[i] = {std::move(sample), std::move(outputs)};
      };
    });
  }

  std::optional<double> reference_metric() const {
    if (options_.metric->need == MetricNeed::kReference) return std::nullopt;
    std::vector<SampleScore> scores;
    for (const ReferenceSample& reference : samples_) {
      scores.push_back(options_.metric->score(
          metric_input(reference.sample, reference.outputs, reference.outputs, output_names_)));
    }
    return options_.metric->combine(scores).value;
  }

  LayerSensitivity examine(const Layer& layer) const {
    LayerSensitivity result;
    result.node = layer.node;
    result.op_type = layer.op_type;
    describe_weight(layer, result);
    describe_activation(layer, result);
    run_alone(layer, result);
    result.hint = sensitivity_hint(result);
    return result;
  }

  void describe_weight(const Layer& layer, LayerSensitivity& result) const {
    const auto found =
        std::find_if(task_.plan.constants.begin(), task_.plan.constants.end(),
                     [&](const PlannedConstant& constant) { return constant.node == layer.node; });
    if (found == task_.plan.constants.end()) return;
    const Tensor weight = tensor_from_proto(*graph_.initializer(found->tensor));
    const auto axis =
        output_channel_axis(*graph_.node(layer.node), static_cast<int>(weight.shape().size()));
    result.weights = weight.size();
    result.weight_granularity = found->params.granularity();
    result.weight = weight_error(weight, found->params, axis);
  }

  void describe_activation(const Layer& layer, LayerSensitivity& result) const {
    if (layer.result.empty() || !task_.statistics.contains(layer.result)) return;
    const auto found = std::find_if(
        task_.plan.activations.begin(), task_.plan.activations.end(),
        [&](const PlannedActivation& activation) { return activation.tensor == layer.result; });
    result.activation = activation_error(task_.statistics.at(layer.result).sketch(), found->params);
  }

  void run_alone(const Layer& layer, LayerSensitivity& result) const {
    const Model model = rewrite(task_.model, plan_of_layer(task_.plan, layer));
    const auto session = executor_.load(model, {});
    const Metric& sqnr = find_metric("sqnr");
    std::vector<SampleScore> noise;
    std::vector<SampleScore> scores;
    for (const ReferenceSample& reference : samples_) {
      const std::vector<Tensor> outputs = session->run(reference.sample.inputs);
      const MetricInput input =
          metric_input(reference.sample, outputs, reference.outputs, output_names_);
      noise.push_back(sqnr.score(input));
      if (options_.metric != nullptr) scores.push_back(options_.metric->score(input));
    }
    result.output_sqnr_db = sqnr.combine(noise).value;
    if (options_.metric != nullptr) result.metric = options_.metric->combine(scores).value;
  }

  void report_progress(std::size_t total) {
    const std::scoped_lock lock(mutex_);
    ++done_;
    if (options_.progress) options_.progress(done_, total);
  }

  const SensitivityTask& task_;
  const Dataset& dataset_;
  const Executor& executor_;
  const SensitivityOptions& options_;
  const Graph graph_;
  std::vector<std::string> output_names_;
  std::vector<ReferenceSample> samples_;
  std::mutex mutex_;
  std::size_t done_ = 0;
};

}  // namespace

SensitivityReport measure_sensitivity(const SensitivityTask& task, const Dataset& dataset,
                                      const Executor& executor, const SensitivityOptions& options) {
  return Analysis(task, dataset, executor, options).run();
}

}  // namespace octavo
