#include "train/losses.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "octavo/error.h"

namespace octavo {
namespace {

// Of a tensor that is all zero.
constexpr double kLeastPower = 1e-12;

at::Tensor loss_cross_entropy(const LossInput& input) {
  return at::cross_entropy_loss(input.scores, input.labels, {}, at::Reduction::Mean, -100,
                                input.label_smoothing);
}

// Hinton et al. 2015 (arXiv 1503.02531) section 2: the square of the temperature keeps gradients
// as large as they are without it.
at::Tensor loss_distillation(const LossInput& input) {
  const double temperature = input.temperature;
  const at::Tensor student = at::log_softmax(input.scores / temperature, -1);
  const at::Tensor teacher = at::log_softmax(input.teacher / temperature, -1);
  const at::Tensor divergence = (teacher.exp() * (teacher - student)).sum(-1).mean();
  return divergence * (temperature * temperature);
}

at::Tensor loss_mse(const LossInput& input) { return at::mse_loss(input.scores, input.teacher); }

// Of each tensor as a share of the teacher's own mean square, so that all of them count alike.
// After Romero et al. 2015 (FitNets, arXiv 1412.6550) equation (3), without its regressor: the
// shapes are the same.
at::Tensor loss_features(const LossInput& input) {
  at::Tensor sum = at::zeros({}, input.scores.options());
  for (const FeaturePair& feature : input.features) {
    const at::Tensor teacher = feature.teacher.to(at::kFloat);
    const at::Tensor power = teacher.square().mean().clamp_min(kLeastPower);
    sum = sum + at::mse_loss(feature.value.to(at::kFloat), teacher) / power;
  }
  return sum / static_cast<double>(input.features.size());
}

// One score a sample is the label's own; several are one a class.
at::Tensor loss_bce(const LossInput& input) {
  const std::int64_t classes = input.scores.size(-1);
  const at::Tensor targets =
      classes == 1 ? input.labels.reshape({-1, 1}).to(input.scores.scalar_type())
                   : at::one_hot(input.labels, classes).to(input.scores.scalar_type());
  return at::binary_cross_entropy_with_logits(input.scores, targets);
}

const Loss& find_loss(std::string_view word) {
  for (const Loss& loss : losses()) {
    if (loss.word == word) return loss;
  }
  std::vector<std::string_view> words;
  for (const Loss& loss : losses()) words.push_back(loss.word);
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("unknown loss '{}', expected {}, or several with + between them", word,
                          fmt::join(words, ", ")));
}

WeightedLoss parse_part(std::string_view part) {
  const std::size_t colon = part.find(':');
  WeightedLoss wanted{&find_loss(part.substr(0, colon)), 1};
  if (colon == std::string_view::npos) return wanted;
  const std::string_view number = part.substr(colon + 1);
  const auto read = std::from_chars(number.begin(), number.end(), wanted.weight);
  if (read.ec != std::errc() || read.ptr != number.end() || !(wanted.weight > 0)) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("loss '{}': weight '{}', expected a number above 0", part, number));
  }
  return wanted;
}

}  // namespace

std::span<const Loss> losses() {
#define OCTAVO_LOSS(word, name, need, help) Loss{word, help, LossNeed::need, loss_##name},
  static constexpr std::array kAll = {
#include "train/loss_list.inc"
  };
#undef OCTAVO_LOSS
  return kAll;
}

std::vector<WeightedLoss> parse_losses(const std::string& text, bool labelled) {
  if (text.empty()) {
    return parse_losses(labelled ? "cross-entropy:0.5+distillation:0.5" : "distillation", labelled);
  }
  std::vector<WeightedLoss> wanted;
  std::string_view rest = text;
  while (true) {
    const std::size_t plus = rest.find('+');
    wanted.push_back(parse_part(rest.substr(0, plus)));
    const Loss& loss = *wanted.back().loss;
    if (loss.need == LossNeed::kLabels && !labelled) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("loss '{}' needs labels, and the training data have none; "
                              "distillation, features and mse need none",
                              loss.word));
    }
    if (plus == std::string_view::npos) return wanted;
    rest.remove_prefix(plus + 1);
  }
}

std::string to_string(std::span<const WeightedLoss> wanted) {
  std::vector<std::string> parts;
  for (const WeightedLoss& part : wanted) {
    parts.push_back(fmt::format("{}:{:g}", part.loss->word, part.weight));
  }
  return fmt::format("{}", fmt::join(parts, "+"));
}

at::Tensor total_loss(std::span<const WeightedLoss> wanted, const LossInput& input) {
  at::Tensor sum;
  for (const WeightedLoss& part : wanted) {
    const at::Tensor weighted = part.loss->compute(input) * part.weight;
    sum = sum.defined() ? sum + weighted : weighted;
  }
  return sum;
}

}  // namespace octavo
