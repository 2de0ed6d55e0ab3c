#include "search/accuracy_drop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/parallel_for.h"
#include "octavo/error.h"

namespace octavo {
namespace {

// The same on every machine: the last step of SplitMix64 (Steele, Lea, Flood 2014), one bit of it.
std::size_t coin(std::uint64_t index) {
  std::uint64_t mixed = (index + 1) * 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return static_cast<std::size_t>((mixed ^ (mixed >> 31U)) & 1U);
}

constexpr std::size_t kParts = 8;
constexpr double kRounding = 1e-9;  // of a sample

// 0, 8, 16, ..., 1, 9, 17, ...: data are often sorted by class.
std::vector<std::size_t> spread_order(std::size_t count) {
  std::vector<std::size_t> order;
  for (std::size_t part = 0; part < kParts; ++part) {
    for (std::size_t i = part; i < count; i += kParts) order.push_back(i);
  }
  return order;
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
  SessionPool sessions(executor_, float_model, {}, threads_, dataset.size());
  for (const DataHalf half : {DataHalf::kSearch, DataHalf::kHoldOut}) {
    std::vector<Reference>& references = references_[index_of(half)];
    references = run_reference(sessions, half);
    std::vector<SampleScore> scores;
    for (const Reference& reference : references) scores.push_back(reference.score);
    float_values_[index_of(half)] = metric_->combine(scores).value;
  }
}

std::vector<AccuracyDrop::Reference> AccuracyDrop::run_reference(SessionPool& sessions,
                                                                 DataHalf half) const {
  std::vector<Reference> references(samples(half));
  parallel_for(references.size(), threads_, [&]() -> Round {
    return [this, session = sessions.lend(), half, &references](std::size_t i) {
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

AccuracyDrop::Answer AccuracyDrop::answer(Session& session, DataHalf half,
                                          std::size_t sample_index) const {
  const Reference& reference = references_[index_of(half)][sample_index];
  const Sample sample = view(half).at(sample_index);
  const std::vector<Tensor> outputs = session.run(sample.inputs);
  Answer answer;
  answer.score =
      metric_->score(metric_input(sample, outputs, reference.outputs, session.output_names()));
  if (measure_ == LossMeasure::kExpectedAnswers) {
    answer.margin = answer_margin(reference.outputs.front(), outputs.front(), sample.name);
  } else if (loses_answers()) {
    answer.lost = std::max(0.0, reference.score.numbers[0] - answer.score.numbers[0]);
  }
  return answer;
}

CandidateAccuracy AccuracyDrop::summary(std::span<const Answer> answers, DataHalf half) const {
  std::vector<SampleScore> scores;
  std::vector<AnswerMargin> margins;
  double lost = 0;
  for (const Answer& answer : answers) {
    scores.push_back(answer.score);
    margins.push_back(answer.margin);
    lost += answer.lost;
  }
  const double value = metric_->combine(scores).value;
  if (measure_ == LossMeasure::kExpectedAnswers) {
    const double expected = expected_loss(margins);
    return {value, expected, expected, answers.size()};
  }
  const double drop = drop_of(value, half);
  if (!loses_answers()) return {value, drop, drop, answers.size()};
  return {value, drop, lost / static_cast<double>(answers.size()), answers.size()};
}

CandidateAccuracy AccuracyDrop::run(SessionPool& sessions, DataHalf half) const {
  std::vector<Answer> answers(samples(half));
  parallel_for(answers.size(), threads_, [&]() -> Round {
    return
        [&, session = sessions.lend()](std::size_t i) { answers[i] = answer(*session, half, i); };
  });
  return summary(answers, half);
}

CandidateAccuracy AccuracyDrop::of(const Model& candidate, DataHalf half) const {
  SessionPool sessions(executor_, candidate, {}, threads_, samples(half));
  return run(sessions, half);
}

AccuracyInHalves AccuracyDrop::in_halves(const Model& candidate) const {
  SessionPool sessions(executor_, candidate, {}, threads_, samples(DataHalf::kHoldOut));
  return {run(sessions, DataHalf::kSearch), run(sessions, DataHalf::kHoldOut)};
}

CandidateAccuracy AccuracyDrop::unless_lost(const Model& candidate, DataHalf half,
                                            double most_lost) const {
  if (!loses_answers()) return of(candidate, half);
  const std::vector<std::size_t> order = spread_order(samples(half));
  const double most = most_lost * static_cast<double>(order.size()) + kRounding;
  SessionPool sessions(executor_, candidate, {}, threads_, order.size());
  std::vector<Answer> answers;
  double lost = 0;
  while (answers.size() < order.size() && lost <= most) {
    const std::size_t first = answers.size();
    answers.resize(std::min(order.size(), first + (order.size() + kParts - 1) / kParts));
    parallel_for(answers.size() - first, threads_, [&]() -> Round {
      return [&, session = sessions.lend()](std::size_t i) {
        answers[first + i] = answer(*session, half, order[first + i]);
      };
    });
    for (std::size_t i = first; i < answers.size(); ++i) lost += answers[i].lost;
  }
  return summary(answers, half);
}

}  // namespace octavo
