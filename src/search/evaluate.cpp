#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>

#include "core/parallel_for.h"
#include "octavo/error.h"
#include "octavo/evaluation.h"
#include "runtime/session_pool.h"
#include "search/session_in_numbers.h"
#include "search/statistics_tests.h"
#include "search/timing.h"

namespace octavo {
namespace {

using MetricPointer = std::shared_ptr<const Metric>;
// By model, then by metric.
using SampleScores = std::vector<std::vector<SampleScore>>;

bool can_score(const Metric& metric, const MetricInput& input) {
  try {
    metric.score(input);
    return true;
  } catch (const Error&) {
    return false;
  }
}

enum class Top1 : std::uint8_t { kIfItCanBe, kMustBe };

// Decided on the first model's first answer: a network that finds boxes or paints masks has no
// class to agree on.
std::vector<MetricPointer> usual_metrics(const Dataset& dataset, const Executor& executor,
                                         const Model& model, Top1 top1) {
  std::vector<MetricPointer> chosen;
  const Sample sample = dataset.at(0);
  const auto outputs = load_in_numbers(executor, model, {}, 1).front()->run(sample.inputs);
  const MetricInput input = metric_input(sample, outputs, outputs, {});
  for (const std::string_view name : {"top1", "agreement", "sqnr"}) {
    const bool must_be = top1 == Top1::kMustBe && name == "top1";
    if (must_be || can_score(find_metric(name), input)) chosen.push_back(open_metric(name));
  }
  return chosen;
}

bool judges_samples(const Metric& metric) {
  return metric.need == MetricNeed::kLabel && metric.judgement == SampleJudgement::kRightOrWrong;
}

class Evaluator {
 public:
  Evaluator(std::span<const EvaluatedModel> models, const Dataset& dataset,
            const Executor& executor, const EvaluationOptions& options)
      : models_(models), dataset_(dataset), executor_(executor), options_(options) {}

  EvaluationReport run() {
    EvaluationReport report;
    report.samples = dataset_.size();
    report.runtime = fmt::format("{} {}", executor_.name(), executor_.version());
    report.latency_threads = options_.latency_threads;
    choose_metrics();
    scores_.resize(dataset_.size());
    evaluate_samples();
    for (std::size_t i = 0; i < models_.size(); ++i) report.models.push_back(summarize(i));
    if (options_.latency_seconds > 0) time_models(report);
    return report;
  }

 private:
  void choose_metrics() {
    for (const std::string& name : options_.metrics) metrics_.push_back(open_metric(name));
    asked_for_ = metrics_.size();
    if (!metrics_.empty() && options_.usual_metrics == UsualMetrics::kIfNoneIsNamed) return;
    // With labels and nothing else to judge by, what stands against top1 is an error.
    const Top1 top1 = dataset_.labelled() && metrics_.empty() ? Top1::kMustBe : Top1::kIfItCanBe;
    for (MetricPointer& metric : usual_metrics(dataset_, executor_, *models_[0].model, top1)) {
      const bool known = std::any_of(metrics_.begin(), metrics_.end(), [&](const auto& named) {
        return named->name == metric->name;
      });
      if (!known) metrics_.push_back(std::move(metric));
    }
    asked_for_ = options_.metrics.empty() ? metrics_.size() : options_.metrics.size();
  }

  // Results go to their sample's own place, so the order of the workers leaves no trace.
  void evaluate_samples() {
    const std::size_t sessions_each = workers(options_.threads, dataset_.size());
    std::deque<SessionPool> pools;
    for (const EvaluatedModel& model : models_) {
      pools.emplace_back(load_in_numbers(executor_, *model.model, {}, sessions_each));
    }
    parallel_for(dataset_.size(), options_.threads, [&]() -> Round {
      std::vector<std::shared_ptr<Session>> sessions;
      for (SessionPool& pool : pools) sessions.push_back(pool.lend());
      return [this, sessions](std::size_t i) {
        scores_[i] = score_sample(dataset_.at(i), sessions);
        report_progress();
      };
    });
  }

  SampleScores score_sample(const Sample& sample,
                            std::span<const std::shared_ptr<Session>> sessions) const {
    SampleScores scores;
    std::vector<Tensor> reference;
    for (const auto& session : sessions) {
      const std::vector<Tensor> outputs = run(*session, models_[scores.size()].name, sample);
      if (scores.empty()) reference = outputs;
      const MetricInput input = metric_input(sample, outputs, reference, session->output_names());
      scores.emplace_back();
      for (std::size_t i = 0; i < metrics_.size(); ++i) scores.back().push_back(score(i, input));
    }
    return scores;
  }

  static std::vector<Tensor> run(Session& session, const std::string& model, const Sample& sample) {
    try {
      return session.run(sample.inputs);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{}, {}: {}", model, sample.name, error.what()));
    }
  }

  // What is only shown beside the metrics asked for must not end the run: labels that are no
  // classes of the model, say, where they are not what judges it.
  SampleScore score(std::size_t metric, const MetricInput& input) const {
    if (metric < asked_for_) return metrics_[metric]->score(input);
    try {
      return metrics_[metric]->score(input);
    } catch (const Error&) {
      return {};
    }
  }

  bool was_measured(std::size_t metric, std::span<const SampleScore> scores) const {
    return metric < asked_for_ ||
           std::none_of(
               scores.begin(), scores.end(),
               [](const SampleScore& score) { return score.numbers.empty(); });
  }

  void report_progress() {
    const std::scoped_lock lock(mutex_);
    ++done_;
    if (options_.progress) options_.progress(done_, dataset_.size());
  }

  std::vector<SampleScore> scores_of(std::size_t model, std::size_t metric) const {
    std::vector<SampleScore> scores;
    scores.reserve(scores_.size());
    for (const SampleScores& sample : scores_) scores.push_back(sample[model][metric]);
    return scores;
  }

  double same_accuracy_p(std::size_t model, std::size_t metric) const {
    const auto right = [&](const SampleScores& sample, std::size_t i) {
      return sample[i][metric].numbers[0] == 1;
    };
    std::size_t only_first = 0;
    std::size_t only_this = 0;
    for (const SampleScores& sample : scores_) {
      only_first += right(sample, 0) && !right(sample, model) ? 1 : 0;
      only_this += right(sample, model) && !right(sample, 0) ? 1 : 0;
    }
    return mcnemar_p(only_first, only_this);
  }

  ModelEvaluation summarize(std::size_t model) const {
    ModelEvaluation evaluation;
    evaluation.name = models_[model].name;
    evaluation.file_bytes = models_[model].file_bytes;
    for (std::size_t i = 0; i < metrics_.size(); ++i) {
      const Metric& metric = *metrics_[i];
      if (model == 0 && metric.need == MetricNeed::kReference) continue;
      const std::vector<SampleScore> scores = scores_of(model, i);
      if (!was_measured(i, scores)) continue;
      evaluation.metrics.push_back({metrics_[i], metric.combine(scores)});
      if (model > 0 && !evaluation.same_accuracy_p && judges_samples(metric)) {
        evaluation.same_accuracy_p = same_accuracy_p(model, i);
      }
    }
    return evaluation;
  }

  void time_models(EvaluationReport& report) const {
    const Sample sample = dataset_.at(0);
    SessionOptions session_options;
    session_options.threads = options_.latency_threads;
    std::vector<std::unique_ptr<Session>> sessions;
    std::vector<std::vector<Tensor>> inputs;  // converted before the clock runs
    for (const EvaluatedModel& model : models_) {
      sessions.push_back(executor_.load(*model.model, session_options));
      inputs.push_back(as_fed(*model.model, sample.inputs));
    }
    std::vector<TimedSession> timed;
    for (std::size_t i = 0; i < models_.size(); ++i) {
      timed.push_back({sessions[i].get(), inputs[i]});
    }
    const std::vector<Timing> timings =
        time_sessions(timed, {options_.latency_seconds, options_.latency_threads});
    for (std::size_t i = 0; i < timings.size(); ++i) {
      report.models[i].latency = timings[i].latency;
      report.models[i].latency_ratio = timings[i].ratio_to_first;
    }
  }

  std::span<const EvaluatedModel> models_;
  const Dataset& dataset_;
  const Executor& executor_;
  const EvaluationOptions& options_;
  std::vector<MetricPointer> metrics_;
  std::size_t asked_for_ = 0;  // the first so many of them
  std::vector<SampleScores> scores_;
  std::mutex mutex_;
  std::size_t done_ = 0;
};

}  // namespace

std::optional<double> ModelEvaluation::metric(std::string_view metric_name) const {
  for (const MeasuredMetric& measured : metrics) {
    if (measured.metric->name == metric_name) return measured.value.value;
  }
  return std::nullopt;
}

EvaluationReport evaluate_models(std::span<const EvaluatedModel> models, const Dataset& dataset,
                                 const Executor& executor, const EvaluationOptions& options) {
  if (models.empty()) throw Error(ErrorCode::kInvalidArgument, "no model to evaluate");
  if (dataset.size() == 0) throw Error(ErrorCode::kInvalidData, "no samples to evaluate on");
  return Evaluator(models, dataset, executor, options).run();
}

}  // namespace octavo
