#include "train/trainer.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "core/atomic_file.h"
#include "octavo/error.h"
#include "train/batches.h"
#include "train/best_evaluation.h"
#include "train/checkpoint.h"
#include "train/gradient_exchange.h"
#include "train/objective.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/scoring.h"
#include "train/training_data.h"
#include "train/training_device.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Lines of the log that a training of any length leaves.
constexpr std::int64_t kRecords = 200;

// A graph for one sample at a time gets its batches in parts.
TrainingTask fitted(TrainingTask task, const Model& model) {
  const Shape shape = model.inputs().front().shape;
  if (shape.empty() || shape.front() != 1) return task;
  task.options.accumulate *= task.options.batch;
  task.options.batch = 1;
  return task;
}

class Trainer {
 public:
  Trainer(fs::path folder, TrainingTask task, const Ranks& ranks)
      : folder_(std::move(folder)),
        ranks_(ranks),
        start_(read_model(folder_ / kStartModel)),
        task_(fitted(std::move(task), start_)),
        options_(task_.options),
        device_(training_device(options_)),
        teacher_model_(read_model(folder_ / kFloatModel)),
        data_(open_training_data(task_, start_)),
        objective_({start_, teacher_model_, task_, device_}, data_.training->labelled()),
        network_(objective_.student()),
        optimizer_(network_.parameters(), options_),
        exchange_(network_.parameters(), ranks_) {
    const double in_step = static_cast<double>(options_.batch * options_.accumulate) *
                           static_cast<double>(ranks_.size());
    steps_per_epoch_ = std::max<std::int64_t>(
        std::llround(std::ceil(static_cast<double>(data_.split.training.size()) / in_step)), 1);
    const double steps = options_.epochs * static_cast<double>(steps_per_epoch_);
    facts_.steps = std::max<std::int64_t>(std::llround(steps), 1);
    facts_.options = options_;
    facts_.metric = data_.held_out().labelled() ? "top1" : "agreement";
    facts_.loss = objective_.text();
    facts_.training_samples = data_.split.training.size();
    facts_.held_out_samples = data_.split.held_out.size();
    if (varies_images(options_)) layout_ = image_layout(start_.inputs().front());
  }

  TrainingResult run() {
    begin_ = Clock::now();
    facts_.float_value = score([&](const Batch& batch) {
      return objective_.teacher().network().run(to_values(batch, device_));
    });
    if (!resume()) evaluate();
    first_step_ = state_.step;
    steps_begin_ = seconds();
    while (state_.step < facts_.steps && !stopped_) run_epoch();
    load(state_.best);
    if (ranks_.is_first()) {
      write_model(network_.trained(), folder_ / kTrainedModel);
      write_log();
    }
    const std::vector<TrainingEvaluation>& evaluations = state_.history.evaluations;
    return {facts_.float_value, evaluations.front().value, evaluations[best()].value,
            facts_.metric,      facts_.held_out_samples,   stopped_};
  }

 private:
  // --- state ---

  NamedTensors copies() const {
    NamedTensors copied;
    for (const Parameter& parameter : network_.parameters()) {
      copied.emplace(parameter.name, parameter.value.detach().clone());
    }
    return copied;
  }

  void load(const NamedTensors& values) {
    const at::NoGradGuard no_gradients;
    for (const Parameter& parameter : network_.parameters()) {
      at::Tensor value = parameter.value;
      value.copy_(values.at(parameter.name));
    }
  }

  std::uint64_t task_hash() const { return hash_of(task_, start_, ranks_.size()); }

  // All ranks find the same checkpoint, or none goes on.
  bool resume() {
    const fs::path path = folder_ / kCheckpoint;
    const bool is_there = fs::exists(path);
    const double there = ranks_.sum(is_there ? 1 : 0);
    if (there > 0 && there < static_cast<double>(ranks_.size())) {
      throw Error(ErrorCode::kNotFound,
                  fmt::format("{}: only {} of {} ranks see it; the folder must be one that all of "
                              "them share",
                              path.string(), there, ranks_.size()));
    }
    if (!is_there) return false;
    state_ = read_checkpoint(path);
    if (state_.task_hash != task_hash()) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("{}: a checkpoint of another training; start in a fresh folder, or "
                              "remove it",
                              path.string()));
    }
    load(state_.parameters);
    optimizer_.restore(state_.momenta);
    for (auto& [name, average] : state_.averages) average = average.to(device_);
    if (!ranks_.is_first()) state_.loss_sum = 0;  // the first rank's holds that of all
    seconds_before_ = state_.seconds;
    stopped_ = is_out_of_patience();
    note(fmt::format("resumed at step {} of {}", state_.step, facts_.steps));
    return true;
  }

  void save() {
    collect_loss();
    if (!ranks_.is_first()) return;
    state_.parameters = copies();
    state_.momenta = optimizer_.state();
    state_.seconds = seconds();
    state_.task_hash = task_hash();
    write_checkpoint(state_, folder_ / kCheckpoint);
    write_log();
  }

  void write_log() const {
    write_file_atomically(folder_ / kTrainingLog, training_json(facts_, state_.history));
  }

  double seconds() const {
    return seconds_before_ + std::chrono::duration<double>(Clock::now() - begin_).count();
  }

  // --- one epoch, or the rest of it ---

  Augmentation augmentation(std::int64_t epoch) const {
    return {layout_, static_cast<int>(options_.crop), options_.flip,
            static_cast<std::uint64_t>(options_.seed), static_cast<std::uint64_t>(epoch)};
  }

  void run_epoch() {
    const std::int64_t epoch = state_.step / steps_per_epoch_;
    const std::int64_t done = state_.step % steps_per_epoch_;
    const std::vector<std::size_t> order =
        shuffled(data_.split.training.size(), static_cast<std::uint64_t>(options_.seed),
                 static_cast<std::uint64_t>(epoch));
    std::vector<std::size_t> samples;
    for (const std::size_t position : order) samples.push_back(data_.split.training[position]);
    const BatchShape shape{static_cast<std::size_t>(options_.batch), ranks_.rank(), ranks_.size()};
    BatchReader reader(*data_.training, std::move(samples), shape, augmentation(epoch),
                       static_cast<std::size_t>(options_.loaders));
    reader.skip(static_cast<std::size_t>(done * options_.accumulate));
    for (std::int64_t step = done; step < steps_per_epoch_; ++step) {
      take_step(reader);
      after_step();
      if (state_.step == facts_.steps || stopped_) return;
    }
  }

  void take_step(BatchReader& reader) {
    optimizer_.clear_gradients();
    for (std::int64_t part = 0; part < options_.accumulate; ++part) {
      const std::optional<Batch> batch = reader.next();
      if (!batch) break;
      if (part + 1 == options_.accumulate || !reader.has_next()) exchange_.begin();
      if (!batch->samples.empty()) add_gradients(*batch);
    }
    exchange_.finish();
    note_exchange();
    shorten_gradients();
    ++state_.loss_count;
    const auto frozen_from = options_.learn_scales * static_cast<double>(facts_.steps);
    optimizer_.step(learning_rate_at(state_.step, facts_.steps, options_),
                    static_cast<double>(state_.step) < frozen_from);
    network_.settle();
    ++state_.step;
    update_average();
  }

  // A share of a whole step's samples, so that a short last batch counts for no more, and that the
  // sum over the ranks is the mean over all their samples.
  void add_gradients(const Batch& batch) {
    const double share = static_cast<double>(batch.samples.size()) /
                         static_cast<double>(batch.whole_samples) /
                         static_cast<double>(options_.accumulate);
    const at::Tensor loss = objective_.loss(batch) * share;
    loss.backward();
    state_.loss_sum += loss.item<double>();
  }

  void shorten_gradients() {
    const double norm = optimizer_.clip_gradients(options_.clip_norm);
    if (!std::isfinite(norm)) {
      throw Error(ErrorCode::kRuntime,
                  fmt::format("step {}: the gradients are not finite, the training has driven "
                              "apart; begin again with a lower --learning-rate or --clip-norm",
                              state_.step + 1));
    }
    state_.longest_gradient = std::max(state_.longest_gradient, norm);
  }

  // Once: the first step finds out the order, the second uses it.
  void note_exchange() {
    if (ranks_.size() == 1 || ++exchanged_ != 2) return;
    const auto [buckets, begun_early] = exchange_.figures();
    note(
        fmt::format("{} ranks: gradients travel in {} buckets, {} of them before the backward "
                    "pass has ended",
                    ranks_.size(), buckets, begun_early));
  }

  void update_average() {
    if (options_.average == 0) return;
    if (state_.averages.empty()) state_.averages = copies();
    for (const Parameter& parameter : network_.parameters()) {
      state_.averages.at(parameter.name).lerp_(parameter.value.detach(), 1 - options_.average);
    }
  }

  void after_step() {
    const std::int64_t between = std::max<std::int64_t>(facts_.steps / kRecords, 1);
    const bool last = state_.step == facts_.steps;
    if (state_.step % between == 0 || last) record();
    const auto every = std::max<std::int64_t>(
        std::llround(options_.evaluate_every * static_cast<double>(steps_per_epoch_)), 1);
    if (state_.step % every == 0 || last) evaluate();
    if (state_.step % options_.checkpoint_every == 0 || last) save();
  }

  // The first rank holds the loss of all.
  void collect_loss() {
    const double sum = ranks_.sum(state_.loss_sum);
    state_.loss_sum = ranks_.is_first() ? sum : 0;
  }

  void record() {
    collect_loss();
    const double step = static_cast<double>(state_.step);
    state_.history.records.push_back({state_.step, step / static_cast<double>(steps_per_epoch_),
                                      state_.loss_sum / static_cast<double>(state_.loss_count),
                                      learning_rate_at(state_.step - 1, facts_.steps, options_),
                                      network_.step_drift(), state_.longest_gradient, seconds()});
    state_.loss_sum = 0;
    state_.loss_count = 0;
    state_.longest_gradient = 0;
    if (!ranks_.is_first() || !progress_.due()) return;
    progress_.show(progress_line(facts_, state_.history, seconds_left()));
  }

  // At the pace of this process's own steps.
  double seconds_left() const {
    const auto taken = static_cast<double>(state_.step - first_step_);
    return (seconds() - steps_begin_) / taken * static_cast<double>(facts_.steps - state_.step);
  }

  void note(const std::string& line) {
    if (ranks_.is_first()) progress_.note(line);
  }

  // --- evaluation ---

  // Each rank judges its share; both metrics are means over the samples.
  double score(const Answer& network) const {
    const std::vector<std::size_t>& all = data_.split.held_out;
    const std::size_t begin = all.size() * ranks_.rank() / ranks_.size();
    const std::size_t end = all.size() * (ranks_.rank() + 1) / ranks_.size();
    const ScoredData scored{data_.held_out(), std::span(all).subspan(begin, end - begin),
                            static_cast<std::size_t>(options_.batch), device_};
    const auto share = static_cast<double>(end - begin) / static_cast<double>(all.size());
    if (begin == end) return ranks_.sum(0);
    const double value = score_network(scored, facts_.metric, network, [&](const Batch& batch) {
      return objective_.teacher().answer(to_values(batch, device_));
    });
    return ranks_.sum(value * share);
  }

  std::size_t best() const {
    return best_evaluation(state_.history.evaluations, facts_.held_out_samples);
  }

  bool is_out_of_patience() const {
    const auto since_best =
        static_cast<std::int64_t>(state_.history.evaluations.size() - 1 - best());
    return options_.patience > 0 && since_best >= options_.patience;
  }

  // Of the network as it is now.
  TrainingEvaluation evaluation() const {
    // Of all samples of this rank; added up where the network is, and read back once.
    at::Tensor loss = at::zeros({}, at::device(device_));
    const double value = score([&](const Batch& batch) {
      Objective::Judged judged = objective_.judge(batch);
      loss += judged.loss * static_cast<double>(batch.samples.size());
      return std::move(judged.outputs);
    });
    return {state_.step, value,
            ranks_.sum(loss.item<double>()) / static_cast<double>(facts_.held_out_samples)};
  }

  // Of the moving average where there is one.
  void evaluate() {
    const NamedTensors current = copies();
    if (!state_.averages.empty()) load(state_.averages);
    std::vector<TrainingEvaluation>& all = state_.history.evaluations;
    all.push_back(evaluation());
    if (best() + 1 == all.size()) state_.best = copies();
    load(current);
    stopped_ = is_out_of_patience();
    note(fmt::format("step {}: {} {:.2f} %, loss {:.4f} on {} samples kept aside (float {:.2f} %)",
                     state_.step, facts_.metric, 100 * all.back().value, all.back().loss,
                     facts_.held_out_samples, 100 * facts_.float_value));
  }

  fs::path folder_;
  const Ranks& ranks_;
  Model start_;
  TrainingTask task_;
  const TrainingOptions& options_;
  at::Device device_;
  Model teacher_model_;
  TrainingData data_;
  Objective objective_;
  const QuantizedNetwork& network_;
  Optimizer optimizer_;
  GradientExchange exchange_;
  std::optional<ImageLayout> layout_;
  std::int64_t steps_per_epoch_ = 1;
  TrainingFacts facts_;
  Checkpoint state_;
  ProgressLine progress_;
  Clock::time_point begin_;
  double seconds_before_ = 0;
  std::int64_t first_step_ = 0;  // of this process, and when it began
  double steps_begin_ = 0;
  int exchanged_ = 0;  // steps of this process
  bool stopped_ = false;
};

}  // namespace

TrainingResult train(const fs::path& folder, const Ranks& ranks) {
  TrainingTask task = read_training_task(folder);
  check(task.options);
  at::set_num_threads(static_cast<int>(task.options.threads));
  return Trainer(folder, std::move(task), ranks).run();
}

}  // namespace octavo
