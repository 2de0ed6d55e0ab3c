#include "train/trainer.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "core/atomic_file.h"
#include "octavo/dataset.h"
#include "octavo/error.h"
#include "octavo/metrics.h"
#include "train/batches.h"
#include "train/checkpoint.h"
#include "train/losses.h"
#include "train/optimizer.h"
#include "train/quantized_network.h"
#include "train/sample_order.h"
#include "train/schedule.h"
#include "train/scores.h"
#include "train/scoring.h"
#include "train/training_device.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Lines of the log that a training of any length leaves.
constexpr std::int64_t kRecords = 200;

struct TrainingData {
  std::unique_ptr<Dataset> training;
  std::unique_ptr<Dataset> validation;  // null: a part of `training`
  SampleSplit split;

  const Dataset& held_out() const { return validation ? *validation : *training; }
};

std::vector<std::size_t> all_of(const Dataset& data) {
  return split_samples(data.size(), 0, 0).training;
}

TrainingData open_data(const TrainingTask& task, const Model& model) {
  TrainingData data;
  data.training = open_dataset(task.training_data, model.inputs());
  if (!task.validation_data.empty()) {
    data.validation = open_dataset(task.validation_data, model.inputs());
    data.split = {all_of(*data.training), all_of(*data.validation)};
  } else {
    data.split = split_samples(data.training->size(), task.options.hold_out,
                               static_cast<std::uint64_t>(task.options.seed));
  }
  if (data.split.training.empty() || data.split.held_out.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} samples to train on and {} to judge on, expected at least one "
                            "of each; hold_out is {}",
                            task.training_data, data.split.training.size(),
                            data.split.held_out.size(), task.options.hold_out));
  }
  return data;
}

std::vector<std::string> outputs_of(const Model& model) {
  std::vector<std::string> names;
  for (const TensorInfo& output : model.outputs()) names.push_back(output.name);
  names.push_back(scores_tensor(model));
  return names;
}

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
  Trainer(fs::path folder, TrainingTask task)
      : folder_(std::move(folder)),
        start_(read_model(folder_ / kStartModel)),
        task_(fitted(std::move(task), start_)),
        options_(task_.options),
        device_(training_device(options_)),
        teacher_model_(read_model(folder_ / kFloatModel)),
        network_({start_, teacher_model_, task_, device_}, outputs_of(start_)),
        teacher_(teacher_model_, {outputs_of(teacher_model_), {}, {}, device_}),
        optimizer_(network_.parameters(), options_),
        data_(open_data(task_, start_)),
        losses_(parse_losses(options_.loss, data_.training->labelled())) {
    const double in_step = static_cast<double>(options_.batch * options_.accumulate);
    steps_per_epoch_ = std::max<std::int64_t>(
        std::llround(std::ceil(static_cast<double>(data_.split.training.size()) / in_step)), 1);
    const double steps = options_.epochs * static_cast<double>(steps_per_epoch_);
    facts_.steps = std::max<std::int64_t>(std::llround(steps), 1);
    facts_.options = options_;
    facts_.metric = data_.held_out().labelled() ? "top1" : "agreement";
    facts_.loss = to_string(losses_);
    facts_.training_samples = data_.split.training.size();
    facts_.held_out_samples = data_.split.held_out.size();
    if (options_.crop > 0 || options_.flip > 0) layout_ = image_layout(start_.inputs().front());
  }

  TrainingResult run() {
    begin_ = Clock::now();
    facts_.float_value = score(teacher_);
    if (!resume()) evaluate();
    while (state_.step < facts_.steps && !stopped_) run_epoch();
    load(state_.best);
    write_model(network_.trained(), folder_ / kTrainedModel);
    write_log();
    return {facts_.float_value,      state_.history.evaluations.front().value,
            state_.best_value,       facts_.metric,
            facts_.held_out_samples, stopped_};
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

  std::uint64_t task_hash() const { return hash_of(task_, start_); }

  bool resume() {
    const fs::path path = folder_ / kCheckpoint;
    if (!fs::exists(path)) return false;
    state_ = read_checkpoint(path);
    if (state_.task_hash != task_hash()) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("{}: a checkpoint of another training; start in a fresh folder, or "
                              "remove it",
                              path.string()));
    }
    load(state_.parameters);
    optimizer_.restore(state_.momenta);
    seconds_before_ = state_.seconds;
    stopped_ = is_out_of_patience();
    progress_.note(fmt::format("resumed at step {} of {}", state_.step, facts_.steps));
    return true;
  }

  void save() {
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
    BatchReader reader(*data_.training, std::move(samples),
                       static_cast<std::size_t>(options_.batch), augmentation(epoch),
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
      // A share of a whole step's samples, so that a short last batch counts for no more.
      const double share = 1.0 / static_cast<double>(options_.accumulate);
      const at::Tensor loss = loss_of(*batch) * share;
      loss.backward();
      state_.loss_sum += loss.item<double>();
    }
    ++state_.loss_count;
    const auto frozen_from = options_.learn_scales * static_cast<double>(facts_.steps);
    optimizer_.step(learning_rate_at(state_.step, facts_.steps, options_),
                    static_cast<double>(state_.step) < frozen_from);
    network_.settle();
    ++state_.step;
    update_average();
  }

  at::Tensor loss_of(const Batch& batch) const {
    const Values inputs = to_values(batch, device_);
    LossInput input{as_scores(network_.run(inputs).back()),
                    {},
                    {},
                    options_.label_smoothing,
                    options_.temperature};
    if (needs_teacher()) {
      const at::NoGradGuard no_gradients;
      input.teacher = as_scores(teacher_.run(inputs).back());
    }
    if (!batch.labels.empty()) {
      for (std::size_t i = 0; i < batch.labels.size(); ++i)
        check_batch_label(batch, i, input.scores);
      input.labels = at::tensor(batch.labels, at::kLong).to(device_);
    }
    return total_loss(losses_, input);
  }

  static void check_batch_label(const Batch& batch, std::size_t i, const at::Tensor& scores) {
    const auto classes = static_cast<std::size_t>(std::max<std::int64_t>(scores.size(-1), 2));
    check_label(batch.labels[i], classes, fmt::format("training sample {}", batch.samples[i]));
  }

  bool needs_teacher() const {
    return std::any_of(losses_.begin(), losses_.end(), [](const WeightedLoss& wanted) {
      return wanted.loss->need == LossNeed::kTeacher;
    });
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

  void record() {
    const double step = static_cast<double>(state_.step);
    state_.history.records.push_back({state_.step, step / static_cast<double>(steps_per_epoch_),
                                      state_.loss_sum / static_cast<double>(state_.loss_count),
                                      learning_rate_at(state_.step - 1, facts_.steps, options_),
                                      network_.step_drift(), seconds()});
    state_.loss_sum = 0;
    state_.loss_count = 0;
    if (!progress_.due()) return;
    const double left = seconds() / step * static_cast<double>(facts_.steps - state_.step);
    progress_.show(progress_line(facts_, state_.history, left));
  }

  // --- evaluation ---

  double score(const auto& network) const {
    const ScoredData scored{data_.held_out(), data_.split.held_out,
                            static_cast<std::size_t>(options_.batch), device_};
    return score_network(
        scored, facts_.metric, [&](const Values& inputs) { return network.run(inputs); },
        [&](const Values& inputs) { return teacher_.run(inputs); });
  }

  bool is_out_of_patience() const {
    return options_.patience > 0 && state_.evaluations_since_best >= options_.patience;
  }

  // Of the moving average where there is one.
  void evaluate() {
    const NamedTensors current = copies();
    if (!state_.averages.empty()) load(state_.averages);
    const double value = score(network_);
    const bool is_first = state_.history.evaluations.empty();
    state_.history.evaluations.push_back({state_.step, value});
    ++state_.evaluations_since_best;
    // The later of two equals: it was trained for longer.
    if (is_first || value >= state_.best_value) {
      state_.best_value = value;
      state_.best = copies();
      state_.evaluations_since_best = 0;
    }
    load(current);
    stopped_ = is_out_of_patience();
    progress_.note(fmt::format("step {}: {} {:.2f} % on {} samples kept aside (float {:.2f} %)",
                               state_.step, facts_.metric, 100 * value, facts_.held_out_samples,
                               100 * facts_.float_value));
  }

  fs::path folder_;
  Model start_;
  TrainingTask task_;
  const TrainingOptions& options_;
  at::Device device_;
  Model teacher_model_;
  QuantizedNetwork network_;
  Network teacher_;
  Optimizer optimizer_;
  TrainingData data_;
  std::vector<WeightedLoss> losses_;
  std::optional<ImageLayout> layout_;
  std::int64_t steps_per_epoch_ = 1;
  TrainingFacts facts_;
  Checkpoint state_;
  ProgressLine progress_;
  Clock::time_point begin_;
  double seconds_before_ = 0;
  bool stopped_ = false;
};

}  // namespace

TrainingResult train(const fs::path& folder) {
  TrainingTask task = read_training_task(folder);
  check(task.options);
  at::set_num_threads(static_cast<int>(task.options.threads));
  return Trainer(folder, std::move(task)).run();
}

}  // namespace octavo
