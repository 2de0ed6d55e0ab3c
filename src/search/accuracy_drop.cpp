#include "search/accuracy_drop.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "octavo/error.h"
#include "search/parallel_for.h"

namespace octavo {

AccuracyDrop::AccuracyDrop(const Model& float_model, const Dataset& dataset,
                           const Executor& executor, int threads)
    : executor_(executor),
      threads_(threads),
      metric_(&find_metric(dataset.labelled() ? "top1" : "agreement")),
      views_{HalfDataset(dataset, DataHalf::kSearch), HalfDataset(dataset, DataHalf::kHoldOut)} {
  if (dataset.size() < 2) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{} sample(s) to keep an accuracy budget on, expected at least 2: one "
                            "half is searched on, the other is held out",
                            dataset.size()));
  }
  for (const DataHalf half : {DataHalf::kSearch, DataHalf::kHoldOut}) {
    references_[static_cast<std::size_t>(half)] = run_reference(float_model, half);
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
      references[i].score = metric_->score({outputs, outputs, sample.label, sample.name});
      if (metric_->need == MetricNeed::kReference) references[i].outputs = std::move(outputs);
    };
  });
  return references;
}

double AccuracyDrop::float_value(DataHalf half) const {
  std::vector<SampleScore> scores;
  for (const Reference& reference : references_[static_cast<std::size_t>(half)]) {
    scores.push_back(reference.score);
  }
  return metric_->combine(scores).value;
}

double AccuracyDrop::value(const Model& candidate, DataHalf half) const {
  const std::vector<Reference>& references = references_[static_cast<std::size_t>(half)];
  std::vector<SampleScore> scores(references.size());
  parallel_for(scores.size(), threads_, [&]() -> Round {
    std::shared_ptr<Session> session = executor_.load(candidate, {});
    return [&, session](std::size_t i) {
      const Sample sample = view(half).at(i);
      const std::vector<Tensor> outputs = session->run(sample.inputs);
      scores[i] = metric_->score({outputs, references[i].outputs, sample.label, sample.name});
    };
  });
  return metric_->combine(scores).value;
}

}  // namespace octavo
