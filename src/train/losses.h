// What a training makes small.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "train/torch.h"

namespace octavo {

// A tensor inside the network, and the float model's.
struct FeaturePair {
  at::Tensor value;
  at::Tensor teacher;
};

struct LossInput {
  at::Tensor scores;   // [samples, classes], before softmax or sigmoid
  at::Tensor teacher;  // of the float model, likewise
  at::Tensor labels;   // [samples]; undefined without labels
  std::vector<FeaturePair> features;
  double label_smoothing = 0;
  double temperature = 1;
};

enum class LossNeed { kLabels, kTeacher, kFeatures };

struct Loss {
  std::string_view word;
  std::string_view help;
  LossNeed need;
  at::Tensor (*compute)(const LossInput& input);  // the mean over the samples
};
std::span<const Loss> losses();

struct WeightedLoss {
  const Loss* loss = nullptr;
  double weight = 1;
};

// "cross-entropy:0.5+distillation": losses with weights, 1 where none is said. An empty text is
// cross-entropy and distillation in equal parts where the data are labelled, distillation
// elsewhere. Throws Error(kInvalidArgument) for an unknown word, a weight that is none, and for a
// loss that needs labels where there are none.
std::vector<WeightedLoss> parse_losses(const std::string& text, bool labelled);
std::string to_string(std::span<const WeightedLoss> wanted);

at::Tensor total_loss(std::span<const WeightedLoss> wanted, const LossInput& input);

}  // namespace octavo
