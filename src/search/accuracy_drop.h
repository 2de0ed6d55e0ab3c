// What a model loses against the float model, measured many times on the same data.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/metrics.h"
#include "octavo/model.h"
#include "runtime/session_pool.h"
#include "search/expected_loss.h"

namespace octavo {

// One half of the data serves the search. The other is held out: whatever the search tries, it has
// no part in what is chosen.
enum class DataHalf : std::uint8_t { kSearch, kHoldOut };

// One half of a dataset, in order. Of every two neighbours one is in each half, which one is drawn:
// in data whose classes take turns, odd and even samples would be of one class each.
class HalfDataset final : public Dataset {
 public:
  HalfDataset(const Dataset& whole, DataHalf half) : whole_(whole), half_(half) {}
  std::size_t size() const override;
  bool labelled() const override { return whole_.labelled(); }
  Sample at(std::size_t index) const override;

 private:
  const Dataset& whole_;
  DataHalf half_;
};

// What a model is held to have lost.
enum class LossMeasure : std::uint8_t {
  kOfMetric,         // told by the metric's value
  kExpectedAnswers,  // told by the scores: expected_loss()
};

struct Judging {
  // As open_metric() takes it; empty: top1 where the data have labels, agreement with the float
  // model's classes elsewhere.
  std::string metric = {};
  LossMeasure measure = LossMeasure::kOfMetric;
};

struct CandidateAccuracy {
  double value = 0;  // the metric's
  // How much worse than the float model, as a whole: what is mended makes up for what is broken.
  double drop = 0;
  // Of a metric that judges each sample right or wrong: the share of the samples that the float
  // model gets right and the candidate not; of others, as `drop`.
  double lost = 0;
  std::size_t samples = 0;  // that the figures are of
};

struct AccuracyInHalves {
  CandidateAccuracy search;
  CandidateAccuracy hold_out;
};

class AccuracyDrop {
 public:
  // Runs the float model, once for all candidates. Throws Error(kInvalidData) for fewer than two
  // samples and for outputs that the metric or the measure does not take, Error(kInvalidArgument)
  // for kExpectedAnswers with a metric that does not compare with the float model.
  AccuracyDrop(const Model& float_model, const Dataset& dataset, const Executor& executor,
               int threads, const Judging& judging = {});

  const Metric& metric() const { return *metric_; }
  LossMeasure measure() const { return measure_; }
  std::size_t samples(DataHalf half) const { return view(half).size(); }
  double float_value(DataHalf half) const { return float_values_[index_of(half)]; }
  // How much worse the metric's value is than float's, or than 0 where that is infinite; below 0:
  // better. NaN is infinitely worse.
  double drop_of(double value, DataHalf half) const;
  CandidateAccuracy of(const Model& candidate, DataHalf half) const;
  // Loads the candidate once for both.
  AccuracyInHalves in_halves(const Model& candidate) const;
  // As of(), but ends as soon as the samples so far have lost more than the share `most_lost` of
  // all: the rest cannot bring that back. Only where single answers are lost. Looks an eighth of
  // the samples at a time, spread over the data, the same on any number of threads.
  CandidateAccuracy unless_lost(const Model& candidate, DataHalf half, double most_lost) const;

 private:
  struct Reference {
    SampleScore score = {};
    std::vector<Tensor> outputs;  // kept only where the metric compares with them
  };

  struct Answer {
    SampleScore score = {};
    AnswerMargin margin = {};  // for kExpectedAnswers
    double lost = 0;           // where single answers are lost
  };

  bool loses_answers() const {
    return measure_ == LossMeasure::kOfMetric && metric_->judgement != SampleJudgement::kGraded;
  }
  Answer answer(Session& session, DataHalf half, std::size_t sample) const;
  CandidateAccuracy summary(std::span<const Answer> answers, DataHalf half) const;

  static std::size_t index_of(DataHalf half) { return static_cast<std::size_t>(half); }
  const HalfDataset& view(DataHalf half) const { return views_[index_of(half)]; }
  std::vector<Reference> run_reference(SessionPool& sessions, DataHalf half) const;
  CandidateAccuracy run(SessionPool& sessions, DataHalf half) const;

  const Executor& executor_;
  int threads_;
  std::shared_ptr<const Metric> metric_;
  LossMeasure measure_;
  std::array<HalfDataset, 2> views_;
  std::array<std::vector<Reference>, 2> references_;
  std::array<double, 2> float_values_ = {};
};

}  // namespace octavo
