// What a model loses against the float model, measured many times on the same data.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/metrics.h"
#include "octavo/model.h"

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

struct CandidateAccuracy {
  double value = 0;  // the metric's
  // Of a metric that judges each sample right or wrong: the share of the samples that the float
  // model gets right and the candidate not; of others, how much worse the value is than float's.
  double lost = 0;
};

class AccuracyDrop {
 public:
  // Runs the float model, once for all candidates. `metric` is as open_metric() takes it; empty:
  // top1 where the data have labels, agreement with the float model's classes elsewhere. Throws
  // Error(kInvalidData) for fewer than two samples and for outputs that the metric does not take.
  AccuracyDrop(const Model& float_model, const Dataset& dataset, const Executor& executor,
               int threads, const std::string& metric = {});

  const Metric& metric() const { return *metric_; }
  std::size_t samples(DataHalf half) const { return view(half).size(); }
  double float_value(DataHalf half) const { return float_values_[index_of(half)]; }
  // How much worse than float's, or than 0 where that is infinite; below 0: better. NaN is
  // infinitely worse.
  double drop_of(double value, DataHalf half) const;
  // The float model's answer; empty where the metric compares with labels alone.
  const std::vector<Tensor>& float_outputs(DataHalf half, std::size_t sample) const {
    return references_[index_of(half)][sample].outputs;
  }
  CandidateAccuracy of(const Model& candidate, DataHalf half) const;

 private:
  struct Reference {
    SampleScore score = {};
    std::vector<Tensor> outputs;  // kept only where the metric compares with them
  };

  static std::size_t index_of(DataHalf half) { return static_cast<std::size_t>(half); }
  const HalfDataset& view(DataHalf half) const { return views_[index_of(half)]; }
  std::vector<Reference> run_reference(const Model& model, DataHalf half) const;

  const Executor& executor_;
  int threads_;
  std::shared_ptr<const Metric> metric_;
  std::array<HalfDataset, 2> views_;
  std::array<std::vector<Reference>, 2> references_;
  std::array<double, 2> float_values_ = {};
};

}  // namespace octavo
