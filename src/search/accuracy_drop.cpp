#include "search/accuracy_drop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "core/parallel_for.h"
#include "octavo/error.h"
#include "search/expected_loss.h"

namespace octavo {
namespace {

// The same on every machine: the last step of SplitMix64 (Steele, Lea, Flood 2014), one bit of it.
std::size_t coin(std::uint64_t index) {
  std::uint64_t mixed = (index + 1) * 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return static_cast<std::size_t>((mixed ^ (mixed >> 31U)) & 1U);
}

}  // namespace

std::size_t HalfDataset::size() const {
  return half_ == DataHalf::kSearch ? whole_.size() / 2 : (whole_.size() + 1) / 2;
}

Sample HalfDataset::at(std::size_t index) const {
  const std::size_t first = 2 * index;
  if (first + 1 == whole_.size()) return whole_.at(first);  // without a neighbour
  const std::size_t side = half_ == DataHalf::kSearch ? 1 : 0;
  return whole_.at(first + (side ^ coin(index)));
}

AccuracyDrop::AccuracyDrop(const Model& float_model, const Dataset& dataset,
                           const Executor& executor, int threads, const Judging& judging)
    : executor_(executor),
      threads_(threads),
      metric_(open_metric(!judging.metric.empty() ? judging.metric
                          : dataset.labelled()    ? "top1"
                                                  : "agreement")),
      measure_(judging.measure),
      views_{HalfDataset(dataset, DataHalf::kSearch), HalfDataset(dataset, DataHalf::kHoldOut)} {
  if (dataset.size() < 2) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{} sample(s) to keep an accuracy budget on, expected at least 2: one "
                            "half is searched on, the other is held out",
                            dataset.size()));
  }
  if (measure_ == LossMeasure::kExpectedAnswers && metric_->need != MetricNeed::kReference) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("answers expected to be lost are told beside a metric that compares "
                            "with the float model, not beside '{}'",
                            metric_->name));
  }
  for (const DataHalf half : {DataHalf::kSearch, DataHalf::kHoldOut}) {
    std::vector<Reference>& references = references_[index_of(half)];
    references = run_reference(float_model, half);
    std::vector<SampleScore> scores;
    for (const Reference& reference : references) scores.push_back(reference.score);
    float_values_[index_of(half)] = metric_->combine(scores).value;
  }
}

std::vector<AccuracyDrop::Reference> AccuracyDrop::run_reference(const Model& model,
                                                                 DataHalf half) const {
  std::vector<Reference> references(samples(half));
  parallel_for(references.size(), threads_, [&]() -> Round {
    std::shared_ptr<Session> session = executor_.load(model, {});
    return [this, session, half, &references](std::size_t i) {
      const Sample sample = view(half).at(i);
      std::vector<Tensor> outputs = session->run(sample.inputs);
      references[i].score =
          metric_->score(metric_input(sample, outputs, outputs, session->output_names()));
      if (metric_->need == MetricNeed::kReference) references[i].outputs = std::move(outputs);
    };
  });
  return references;
}

double AccuracyDrop::drop_of(double value, DataHalf half) const {
  if (std::isnan(value)) return std::numeric_limits<double>::infinity();
  // Equal outputs have no noise at all: drops are then told from 0 dB on.
  const double whole = std::isfinite(float_value(half)) ? float_value(half) : 0;
  const double change = value - whole;
  return metric_->better == BetterValue::kHigher ? -change : change;
}

CandidateAccuracy AccuracyDrop::of(const Model& candidate, DataHalf half) const {
  const std::vector<Reference>& references = references_[index_of(half)];
  std::vector<SampleScore> scores(references.size());
  std::vector<AnswerMargin> margins(measure_ == LossMeasure::kExpectedAnswers ? references.size()
                                                                              : 0);
  parallel_for(scores.size(), threads_, [&]() -> Round {
    std::shared_ptr<Session> session = executor_.load(candidate, {});
    return [&, session](std::size_t i) {
      const Sample sample = view(half).at(i);
      const std::vector<Tensor> outputs = session->run(sample.inputs);
      scores[i] = metric_->score(
          metric_input(sample, outputs, references[i].outputs, session->output_names()));
      if (margins.empty()) return;
      margins[i] = answer_margin(references[i].outputs.front(), outputs.front(), sample.name);
    };
  });
  const double value = metric_->combine(scores).value;
  if (!margins.empty()) {
    const double expected = expected_loss(margins);
    return {value, expected, expected};
  }
  const double drop = drop_of(value, half);
  if (metric_->judgement == SampleJudgement::kGraded) return {value, drop, drop};
  double lost = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    lost += std::max(0.0, references[i].score.numbers[0] - scores[i].numbers[0]);
  }
  return {value, drop, lost / static_cast<double>(scores.size())};
}

}  // namespace octavo
