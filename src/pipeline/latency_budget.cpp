#include "pipeline/latency_budget.h"

#include <map>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "pipeline/ranked_layers.h"
#include "search/timing.h"

namespace octavo {
namespace {

constexpr double kMeasureSeconds = 1.5;  // of float and one candidate, in turns

class LatencyKeeper {
 public:
  LatencyKeeper(const CoverageTask& task, PlannedModel first, const LatencyBudget& budget,
                const LatencyData& data, const Executor& executor)
      : task_(task),
        first_(std::move(first)),
        budget_(budget),
        data_(data),
        executor_(executor),
        layers_(task_, first_),
        float_session_(load(task.reference())) {}

  LatencyBudgetedModel run() {
    LatencyBudgetedModel result;
    LatencyOutcome& outcome = result.outcome;
    outcome.budget = budget_;
    outcome.layers = quantized_layers(first_.plan);
    const MeasuredLatency at_first = measure(first_.model);
    outcome.first = outcome.result = at_first;
    outcome.met = is_within(at_first);
    if (outcome.met) layers_.rank(data_.ranking, executor_);
    std::size_t enough = 0;  // layers in float that are within the budget
    for (std::size_t too_many = layers_.size() + 1; enough + 1 < too_many;) {
      const std::size_t middle = enough + (too_many - enough) / 2;
      const MeasuredLatency found = measure(with_float(middle).model);
      (is_within(found) ? enough : too_many) = middle;
      if (enough == middle) outcome.result = found;
    }
    for (std::size_t i = 0; i < enough; ++i) outcome.kept_float.push_back(layers_.node(i));
    outcome.measurements = measurements_;
    result.planned = enough == 0 ? first_ : with_float(enough);
    return result;
  }

 private:
  std::unique_ptr<Session> load(const Model& model) const {
    SessionOptions options;
    options.threads = task_.options.latency_threads;
    return executor_.load(model, options);
  }

  MeasuredLatency measure(const Model& model) {
    ++measurements_;
    const std::unique_ptr<Session> session = load(model);
    const std::vector<TimedSession> timed = {{float_session_.get(), data_.sample.inputs},
                                             {session.get(), data_.sample.inputs}};
    const std::vector<Timing> timings = time_sessions(
        timed, {kMeasureSeconds, task_.options.latency_threads, TimingEnd::kWhenSteady});
    return {timings[1].milliseconds, timings[1].ratio_to_first};
  }

  bool is_within(const MeasuredLatency& found) const {
    const bool relative = budget_.unit == LatencyUnit::kOfFloat;
    return (relative ? found.ratio_to_float : found.milliseconds) <= budget_.most;
  }

  PlannedModel with_float(std::size_t count) const {
    std::vector<std::size_t> worst(count);
    std::iota(worst.begin(), worst.end(), std::size_t{0});
    return layers_.with_float(worst, "kept for accuracy, the latency allows it");
  }

  const CoverageTask& task_;
  PlannedModel first_;
  const LatencyBudget& budget_;
  const LatencyData& data_;
  const Executor& executor_;
  RankedLayers layers_;
  std::unique_ptr<Session> float_session_;
  std::size_t measurements_ = 0;
};

}  // namespace

LatencyBudgetedModel keep_latency(const CoverageTask& task, PlannedModel first,
                                  const LatencyBudget& budget, const LatencyData& data,
                                  const Executor& executor) {
  return LatencyKeeper(task, std::move(first), budget, data, executor).run();
}

}  // namespace octavo
