// What a model loses against the float model, measured many times on the same data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
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
  double lost = 0;   // share of the samples that the float model gets right and the candidate not
};

class AccuracyDrop {
 public:
  // Runs the float model, once for all candidates: top1 where the data have labels, agreement with
  // the float model's classes elsewhere. Throws Error(kInvalidData) for fewer than two samples and
  // for outputs that are no classes.
  AccuracyDrop(const Model& float_model, const Dataset& dataset, const Executor& executor,
               int threads);

  const Metric& metric() const { return *metric_; }
  std::size_t samples(DataHalf half) const { return view(half).size(); }
  double float_value(DataHalf half) const;
  CandidateAccuracy of(const Model& candidate, DataHalf half) const;

 private:
  struct Reference {
    SampleScore score = {};
    std::vector<Tensor> outputs;  // kept only where the metric compares with them
  };

  const HalfDataset& view(DataHalf half) const { return views_[static_cast<std::size_t>(half)]; }
  std::vector<Reference> run_reference(const Model& model, DataHalf half) const;

  const Executor& executor_;
  int threads_;
  const Metric* metric_;
  std::array<HalfDataset, 2> views_;
  std::array<std::vector<Reference>, 2> references_;
};

}  // namespace octavo
