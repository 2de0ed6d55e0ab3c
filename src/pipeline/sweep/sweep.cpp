#include "octavo/sweep.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "core/build_version.h"
#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"
#include "pipeline/decide.h"
#include "pipeline/sweep/data_fingerprint.h"
#include "pipeline/sweep/pareto.h"
#include "pipeline/sweep/sweep_cache.h"
#include "runtime/stand_in.h"

namespace octavo {
namespace {

// Models that are evaluated together: they share the float model's answers, and take turns while
// timed. An interruption loses one such group.
constexpr std::size_t kGroup = 8;
// Differences in latency below this are noise, in size below that not worth a choice.
constexpr double kLatencyStep = 0.05;
constexpr double kSizeStep = 0.005;
// Of the float model's accuracy: nobody trades more than that for size.
constexpr double kUseless = 0.5;

bool is_refusal(const Error& error) {
  return error.code() == ErrorCode::kUnsupported || error.code() == ErrorCode::kInvalidModel ||
         error.code() == ErrorCode::kRuntime;
}

// Named by what varies.
std::string model_file(const SweepRow& row, const std::vector<std::size_t>& axes) {
  std::string name;
  for (const std::size_t axis : axes) name += (name.empty() ? "" : "_") + row.values[axis];
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ':' || c == '/' || c == ' '; }, '-');
  return fmt::format("models/{}.onnx", name.empty() ? "quantized" : name);
}

void add_missing(std::vector<std::string>& names, const std::vector<std::string>& more) {
  for (const std::string& name : more) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
}

class Sweep {
 public:
  Sweep(const SweepTask& task, const SweepOptions& options)
      : task_(task), options_(options), cache_(options.directory / "cache") {}

  SweepReport run() {
    if (task_.recipes.empty()) throw Error(ErrorCode::kInvalidArgument, "no recipe to sweep over");
    if (task_.evaluation.size() == 0) {
      throw Error(ErrorCode::kInvalidData, "no samples to evaluate on");
    }
    executor_ = executor_for(load_profile(task_.recipes.front().options.target));
    name_contents();
    read_back();
    calibrate_missing();
    evaluate_missing();
    return report();
  }

 private:
  // Everything but the recipe that an outcome depends on.
  void name_contents() {
    setting_ = {build_version(),
                fingerprint(task_.model),
                fingerprint(task_.calibration, options_.threads),
                fingerprint(task_.evaluation, options_.threads),
                fmt::format("{} {}", executor_->name(), executor_->version()),
                options_.metrics,
                options_.latency_threads,
                options_.latency_seconds > 0};
    setting_text_ = setting_text(setting_);
  }

  std::uint64_t float_key() const { return hash_of(setting_text_ + "; float"); }
  std::uint64_t key_of(const SweepRecipe& recipe) const {
    return hash_of(fmt::format("{}; {}; {}", setting_text_, recipe_text(recipe.options),
                               fmt::join(recipe.values, " ")));
  }

  void read_back() {
    float_outcome_ = cache_.find(float_key());
    for (const SweepRecipe& recipe : task_.recipes) {
      outcomes_.push_back(cache_.find(key_of(recipe)));
    }
    from_cache_ = static_cast<std::size_t>(
        std::count_if(outcomes_.begin(), outcomes_.end(),
                      [](const auto& outcome) { return outcome.has_value(); }));
  }

  void keep(std::size_t recipe, CachedOutcome outcome) {
    cache_.keep(key_of(task_.recipes[recipe]), outcome);
    outcomes_[recipe] = std::move(outcome);
  }

  void refuse(std::size_t recipe, const Error& error) { keep(recipe, {error.what(), {}}); }

  // Repairs run the model on the data themselves, and may change what calibration observes.
  bool needs_data(std::size_t recipe) const {
    return !task_.recipes[recipe].options.repairs.empty();
  }

  // Recipes that are not in the cache, grouped by the prepared model that calibration observes.
  void calibrate_missing() {
    std::map<std::uint64_t, CalibrationTask> tasks;
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      if (!outcomes_[i] && !needs_data(i)) add_calibration(i, tasks);
    }
    for (const auto& [prepared, task] : tasks) {
      statistics_.emplace(prepared, statistics_of(prepared, task));
    }
  }

  void add_calibration(std::size_t recipe, std::map<std::uint64_t, CalibrationTask>& tasks) {
    try {
      CalibrationTask task = calibration_task(task_.model, task_.recipes[recipe].options);
      const std::uint64_t prepared = fingerprint(task.model);
      prepared_[recipe] = prepared;
      const auto known = tasks.find(prepared);
      if (known == tasks.end()) {
        tasks.emplace(prepared, std::move(task));
      } else {
        add_missing(known->second.tensors, task.tensors);
      }
    } catch (const Error& error) {
      if (!is_refusal(error)) throw;
      refuse(recipe, error);
    }
  }

  Statistics statistics_of(std::uint64_t prepared, const CalibrationTask& task) const {
    const std::uint64_t key = statistics_key(setting_, prepared);
    if (auto kept = cache_.find_statistics(key, task.tensors)) return std::move(*kept);
    CalibrationOptions calibration;
    calibration.threads = options_.threads;
    Statistics statistics =
        calibrate(task.model, task.tensors, task_.calibration, *make_stand_in(), calibration);
    cache_.keep_statistics(key, statistics);
    return statistics;
  }

  Model quantized(std::size_t recipe) {
    if (needs_data(recipe)) {
      QuantizeOptions options = task_.recipes[recipe].options;
      options.threads = options_.threads;
      return quantize_model(task_.model, task_.calibration, options).model;
    }
    const auto found = prepared_.find(recipe);
    if (found == prepared_.end()) {
      // Its outcome came from the cache, its model is wanted all the same.
      std::map<std::uint64_t, CalibrationTask> tasks;
      add_calibration(recipe, tasks);
      for (const auto& [prepared, task] : tasks) {
        statistics_.emplace(prepared, statistics_of(prepared, task));
      }
    }
    return quantize_model(task_.model, statistics_.at(prepared_.at(recipe)),
                          task_.recipes[recipe].options)
        .model;
  }

  void evaluate_missing() {
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      if (!outcomes_[i]) missing.push_back(i);
    }
    for (std::size_t first = 0; first < missing.size() || !float_outcome_; first += kGroup) {
      const std::size_t last = std::min(first + kGroup, missing.size());
      evaluate_group({missing.begin() + static_cast<std::ptrdiff_t>(std::min(first, last)),
                      missing.begin() + static_cast<std::ptrdiff_t>(last)},
                     first, missing.size());
    }
  }

  // Which of these the runtime takes: it is loaded and run once.
  std::vector<std::pair<std::size_t, Model>> runnable(const std::vector<std::size_t>& recipes) {
    std::vector<std::pair<std::size_t, Model>> models;
    const Sample sample = task_.evaluation.at(0);
    for (const std::size_t recipe : recipes) {
      try {
        Model model = quantized(recipe);
        executor_->load(model, {})->run(sample.inputs);
        models.emplace_back(recipe, std::move(model));
      } catch (const Error& error) {
        if (!is_refusal(error)) throw;
        refuse(recipe, error);
      }
    }
    return models;
  }

  void evaluate_group(const std::vector<std::size_t>& recipes, std::size_t before,
                      std::size_t all) {
    const auto models = runnable(recipes);
    std::vector<EvaluatedModel> evaluated = {{"float", &task_.model, task_.file_bytes}};
    for (const auto& [recipe, model] : models) {
      evaluated.push_back({fmt::format("recipe {}", recipe), &model, model.proto().ByteSizeLong()});
    }
    EvaluationOptions options;
    options.threads = options_.threads;
    options.latency_threads = options_.latency_threads;
    options.latency_seconds = options_.latency_seconds * static_cast<double>(evaluated.size());
    options.metrics = options_.metrics;
    options.progress = [&](std::size_t done, std::size_t samples) {
      if (options_.progress) {
        options_.progress(before * samples + done * recipes.size(), all * samples);
      }
    };
    const EvaluationReport report =
        evaluate_models(evaluated, task_.evaluation, *executor_, options);
    if (!float_outcome_) {
      const CachedOutcome outcome{"", report.models.front()};
      cache_.keep(float_key(), outcome);
      float_outcome_ = outcome;
    }
    for (std::size_t i = 0; i < models.size(); ++i) {
      keep(models[i].first, {"", report.models[i + 1]});
    }
  }

  SweepReport report() {
    SweepReport report;
    report.axes = task_.axes;
    report.samples = task_.evaluation.size();
    report.runtime = fmt::format("{} {}", executor_->name(), executor_->version());
    report.from_cache = from_cache_;
    report.float_row.evaluation = float_outcome_.value_or(CachedOutcome{}).evaluation;
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      SweepRow row;
      row.values = task_.recipes[i].values;
      CachedOutcome outcome = outcomes_[i].value_or(CachedOutcome{});
      row.unsupported = std::move(outcome.unsupported);
      row.evaluation = std::move(outcome.evaluation);
      report.rows.push_back(std::move(row));
    }
    report.metric = judged_metric(report);
    mark_front(report);
    keep_front(report);
    return report;
  }

  static std::string judged_metric(const SweepReport& report) {
    for (const SweepRow& row : report.rows) {
      if (!row.evaluation.metrics.empty()) {
        return std::string(row.evaluation.metrics.front().metric->name);
      }
    }
    return {};
  }

  Objectives objectives(const ModelEvaluation& evaluation, const SweepReport& report) const {
    const double float_bytes = static_cast<double>(task_.file_bytes);
    Objectives found;
    const auto metric = open_metric(report.metric);
    // The float model agrees with itself entirely.
    const double best = std::numeric_limits<double>::infinity();
    const double sign = metric->better == BetterValue::kHigher ? 1 : -1;
    const auto value = evaluation.metric(report.metric);
    found.quality = value ? sign * *value : best;
    found.latency = std::round(evaluation.latency_ratio.value_or(1) / kLatencyStep);
    found.size = std::round(static_cast<double>(evaluation.file_bytes) / float_bytes / kSizeStep);
    found.fidelity = evaluation.metric("sqnr").value_or(best);
    return found;
  }

  // Whether a share of right answers is too small to be worth anything.
  static bool is_useless(const ModelEvaluation& evaluation, const SweepReport& report) {
    const auto metric = open_metric(report.metric);
    if (evaluation.metrics.empty() || !evaluation.metrics.front().value.interval_95) return false;
    const double whole = report.float_row.evaluation.metric(report.metric).value_or(1);
    return metric->better == BetterValue::kHigher &&
           evaluation.metric(report.metric).value_or(whole) < kUseless * whole;
  }

  void mark_front(SweepReport& report) const {
    if (report.metric.empty()) return;
    std::vector<SweepRow*> rows = {&report.float_row};
    for (SweepRow& row : report.rows) {
      const bool useful = row.unsupported.empty() && !is_useless(row.evaluation, report);
      if (useful) rows.push_back(&row);
    }
    std::vector<Objectives> outcomes;
    for (const SweepRow* row : rows) outcomes.push_back(objectives(row->evaluation, report));
    const std::vector<bool> front = pareto_front(outcomes);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i]->on_front = front[i];
  }

  // Writes the front's models, and removes those of an earlier front.
  void keep_front(SweepReport& report) {
    const auto folder = options_.directory / "models";
    std::filesystem::create_directories(folder);
    const std::vector<std::size_t> axes = varied_axes(report);
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
      SweepRow& row = report.rows[i];
      const std::string file = model_file(row, axes);
      if (!row.on_front) {
        std::filesystem::remove(options_.directory / file);
        continue;
      }
      row.file = file;
      write_model(quantized(i), options_.directory / file);
    }
  }

  const SweepTask& task_;
  const SweepOptions& options_;
  SweepCache cache_;
  std::unique_ptr<Executor> executor_;
  SweepSetting setting_;
  std::string setting_text_;
  std::optional<CachedOutcome> float_outcome_;
  std::vector<std::optional<CachedOutcome>> outcomes_;  // by recipe
  std::map<std::size_t, std::uint64_t> prepared_;       // by recipe: its prepared model
  std::map<std::uint64_t, Statistics> statistics_;      // by prepared model
  std::size_t from_cache_ = 0;
};

}  // namespace

SweepReport sweep_model(const SweepTask& task, const SweepOptions& options) {
  return Sweep(task, options).run();
}

}  // namespace octavo
