#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>

#include "octavo/error.h"
#include "octavo/evaluation.h"
#include "search/statistics_tests.h"
#include "search/timing.h"

namespace octavo {
namespace {

// What one model said of one sample.
struct Answer {
  std::size_t top = 0;      // class of the largest output
  std::size_t classes = 0;  // how many there are
};

// What is kept of one sample: one answer a model, and how far each is from the first.
struct SampleResult {
  std::vector<Answer> answers;
  std::vector<double> noise;  // summed squared difference to the first model's outputs
  double signal = 0;          // summed squares of the first model's outputs
  std::optional<std::int64_t> label;
};

Answer answer_of(const Tensor& output) {
  const Tensor values = output.to_float32();
  const auto span = values.as<float>();
  const auto top = std::max_element(span.begin(), span.end());
  return {static_cast<std::size_t>(top - span.begin()), span.size()};
}

double squared_difference(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = a.at(i) - b.at(i);
    sum += difference * difference;
  }
  return sum;
}

void check_label(const Sample& sample, const SampleResult& result) {
  const auto classes = static_cast<std::int64_t>(result.answers.front().classes);
  if (!sample.label || (*sample.label >= 0 && *sample.label < classes)) return;
  throw Error(ErrorCode::kInvalidData,
              fmt::format("{}: label {} is no class of the model, expected 0 to {}", sample.name,
                          *sample.label, classes - 1));
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
    results_.resize(dataset_.size());
    evaluate_samples();
    for (std::size_t i = 0; i < models_.size(); ++i) report.models.push_back(summarize(i));
    if (options_.latency_seconds > 0) time_models(report);
    return report;
  }

 private:
  void evaluate_samples() {
    const auto workers = std::min<std::size_t>(std::max(options_.threads, 1), dataset_.size());
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < workers; ++i) threads.emplace_back([this] { work(); });
      work();
    }
    if (failure_) std::rethrow_exception(failure_);
  }

  // Results go to their sample's own place, so the order of the workers leaves no trace.
  void work() {
    try {
      std::vector<std::unique_ptr<Session>> sessions;
      for (const EvaluatedModel& model : models_) {
        sessions.push_back(executor_.load(*model.model, {}));
      }
      for (std::size_t i = next_++; i < dataset_.size(); i = next_++) {
        results_[i] = evaluate_sample(dataset_.at(i), sessions);
        report_progress();
      }
    } catch (...) {
      next_ = dataset_.size();
      const std::scoped_lock lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  static SampleResult evaluate_sample(const Sample& sample,
                                      std::span<const std::unique_ptr<Session>> sessions) {
    SampleResult result;
    result.label = sample.label;
    Tensor reference;
    for (const auto& session : sessions) {
      Tensor output = session->run(sample.inputs).front();
      result.answers.push_back(answer_of(output));
      if (result.answers.size() == 1) {
        reference = output;
        result.signal = squared_difference(reference, Tensor(reference.dtype(), reference.shape()));
      }
      const bool comparable = output.size() == reference.size();
      result.noise.push_back(comparable ? squared_difference(output, reference) : result.signal);
    }
    check_label(sample, result);
    return result;
  }

  void report_progress() {
    const std::scoped_lock lock(mutex_);
    ++done_;
    if (options_.progress) options_.progress(done_, dataset_.size());
  }

  ModelEvaluation summarize(std::size_t model) const {
    ModelEvaluation evaluation;
    evaluation.name = models_[model].name;
    evaluation.file_bytes = models_[model].file_bytes;
    std::size_t right = 0;
    std::size_t agreed = 0;
    std::size_t only_first = 0;
    std::size_t only_this = 0;
    double signal = 0;
    double noise = 0;
    for (const SampleResult& result : results_) {
      const auto is_right = [&](std::size_t i) {
        return result.label && static_cast<std::int64_t>(result.answers[i].top) == *result.label;
      };
      right += is_right(model) ? 1 : 0;
      only_first += is_right(0) && !is_right(model) ? 1 : 0;
      only_this += is_right(model) && !is_right(0) ? 1 : 0;
      agreed += result.answers[model].top == result.answers[0].top ? 1 : 0;
      signal += result.signal;
      noise += result.noise[model];
    }
    if (dataset_.labelled()) evaluation.top1 = proportion(right, results_.size());
    if (model == 0) return evaluation;
    evaluation.agreement = proportion(agreed, results_.size());
    evaluation.sqnr_db = 10 * std::log10(signal / noise);
    if (dataset_.labelled()) evaluation.same_accuracy_p = mcnemar_p(only_first, only_this);
    return evaluation;
  }

  void time_models(EvaluationReport& report) const {
    const Sample sample = dataset_.at(0);
    SessionOptions session_options;
    session_options.threads = options_.latency_threads;
    std::vector<std::unique_ptr<Session>> sessions;
    std::vector<TimedSession> timed;
    for (const EvaluatedModel& model : models_) {
      sessions.push_back(executor_.load(*model.model, session_options));
      timed.push_back({sessions.back().get(), sample.inputs});
    }
    const std::vector<Timing> timings = time_sessions(timed, options_.latency_seconds);
    for (std::size_t i = 0; i < timings.size(); ++i) {
      report.models[i].latency = timings[i].latency;
      report.models[i].latency_ratio = timings[i].ratio_to_first;
    }
  }

  std::span<const EvaluatedModel> models_;
  const Dataset& dataset_;
  const Executor& executor_;
  const EvaluationOptions& options_;
  std::vector<SampleResult> results_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

EvaluationReport evaluate_models(std::span<const EvaluatedModel> models, const Dataset& dataset,
                                 const Executor& executor, const EvaluationOptions& options) {
  if (models.empty()) throw Error(ErrorCode::kInvalidArgument, "no model to evaluate");
  return Evaluator(models, dataset, executor, options).run();
}

}  // namespace octavo
