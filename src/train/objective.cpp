#include "train/objective.h"

#include <fmt/format.h>

#include <algorithm>

#include "octavo/metrics.h"
#include "train/scores.h"
#include "train/scoring.h"

namespace octavo {
namespace {

// The model's outputs, its scores, and then the features.
std::vector<std::string> outputs_of(const Model& model, const std::vector<Feature>& features,
                                    std::string Feature::* name) {
  std::vector<std::string> names;
  for (const TensorInfo& output : model.outputs()) names.push_back(output.name);
  names.push_back(scores_tensor(model));
  for (const Feature& feature : features) names.push_back(feature.*name);
  return names;
}

bool needs(std::span<const WeightedLoss> losses, LossNeed need) {
  return std::any_of(losses.begin(), losses.end(),
                     [&](const WeightedLoss& wanted) { return wanted.loss->need == need; });
}

std::vector<WeightedLoss> usable(std::vector<WeightedLoss> losses, bool labelled) {
  if (labelled) return losses;
  std::erase_if(losses,
                [](const WeightedLoss& wanted) { return wanted.loss->need == LossNeed::kLabels; });
  return losses.empty() ? parse_losses("distillation", labelled) : losses;
}

void check_labels(const Batch& batch, const at::Tensor& scores) {
  const auto classes = static_cast<std::size_t>(std::max<std::int64_t>(scores.size(-1), 2));
  for (std::size_t i = 0; i < batch.labels.size(); ++i) {
    check_label(batch.labels[i], classes, fmt::format("training sample {}", batch.samples[i]));
  }
}

}  // namespace

Objective::Objective(const QuantizedStart& start, bool labelled)
    : device_(start.device),
      precision_(parse_precision(start.task.options.precision, device_)),
      label_smoothing_(start.task.options.label_smoothing),
      temperature_(start.task.options.temperature),
      losses_(parse_losses(start.task.options.loss, labelled)),
      features_(needs(losses_, LossNeed::kFeatures)
                    ? find_features(start.float_model, start.quantized, start.task.options.features)
                    : std::vector<Feature>()),
      scores_(start.quantized.outputs().size()),
      student_(start, outputs_of(start.quantized, features_, &Feature::quantized_tensor)),
      teacher_(start.float_model,
               {outputs_of(start.float_model, features_, &Feature::float_tensor), scores_ + 1,
                parse_teacher_views(start.task.options.teacher), device_}) {}

LossInput Objective::compare(const Values& inputs, const Values& student,
                             std::span<const WeightedLoss> losses) const {
  LossInput input;
  input.scores = as_scores(student[scores_].to(at::kFloat));
  input.label_smoothing = label_smoothing_;
  input.temperature = temperature_;
  if (!needs(losses, LossNeed::kTeacher) && !needs(losses, LossNeed::kFeatures)) return input;
  const at::NoGradGuard no_gradients;
  const Values wanted = teacher_.answer(inputs);
  input.teacher = as_scores(wanted[scores_].to(at::kFloat));
  for (std::size_t i = 0; i < features_.size(); ++i) {
    input.features.push_back({student[scores_ + 1 + i], wanted[scores_ + 1 + i]});
  }
  return input;
}

void Objective::add_labels(const Batch& batch, LossInput& input) const {
  if (batch.labels.empty()) return;
  check_labels(batch, input.scores);
  input.labels = at::tensor(batch.labels, at::kLong).to(device_);
}

at::Tensor Objective::loss(const Batch& batch) const {
  const Values inputs = to_values(batch, device_);
  LossInput input;
  {
    const Autocast autocast(precision_, device_);
    input = compare(inputs, student_.run(inputs), losses_);
  }
  add_labels(batch, input);
  return total_loss(losses_, input);
}

Objective::Judged Objective::judge(const Batch& batch) const {
  const at::NoGradGuard no_gradients;
  const Values inputs = to_values(batch, device_);
  Judged judged{student_.run(inputs), {}};
  const std::vector<WeightedLoss> losses = usable(losses_, !batch.labels.empty());
  LossInput input = compare(inputs, judged.outputs, losses);
  add_labels(batch, input);
  judged.loss = total_loss(losses, input);
  return judged;
}

}  // namespace octavo
