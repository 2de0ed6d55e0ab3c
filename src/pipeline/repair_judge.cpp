#include "pipeline/repair_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <utility>

#include "core/decibels.h"
#include "core/parallel_for.h"
#include "data/selection.h"
#include "model/graph.h"
#include "octavo/error.h"

namespace octavo {
namespace {

constexpr std::size_t kMaxSamples = 256;
constexpr std::size_t kHeldOutOf = 3;
// Equal outputs have no noise; outputs that are not even numbers have nothing else.
constexpr double kMostDb = 200;

enum class Part : std::uint8_t { kRepair, kHoldOut };

std::vector<std::size_t> picks(std::size_t size, Part part) {
  const std::vector<std::size_t> used = evenly_spread(kMaxSamples, size);
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < used.size(); ++i) {
    const bool held_out = i % kHeldOutOf == kHeldOutOf - 1 || (used.size() == 2 && i == 1);
    if (held_out == (part == Part::kHoldOut)) result.push_back(used[i]);
  }
  return result;
}

double decibels(const SampleScore& score) {
  const double found = signal_to_noise_db(score.numbers[0], score.numbers[1]);
  if (std::isnan(found)) return score.numbers[1] == 0 ? kMostDb : -kMostDb;
  return std::clamp(found, -kMostDb, kMostDb);
}

// Outputs that cannot be compared (another number of boxes) say nothing for a repair or against it.
double sample_db(const MetricInput& input) {
  try {
    return decibels(find_metric("sqnr").score(input));
  } catch (const Error&) {
    return 0;
  }
}

}  // namespace

RepairJudge::RepairJudge(const Model& reference, const Dataset& data, const Executor& executor,
                         int threads)
    : executor_(executor),
      threads_(threads),
      repair_(data, picks(data.size(), Part::kRepair)),
      hold_out_(data, picks(data.size(), Part::kHoldOut)),
      outputs_(hold_out_.size()) {
  if (data.size() < 2) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{} calibration sample(s), expected at least 2: repairs are judged on "
                            "samples that they did not see",
                            data.size()));
  }
  measured_ = measured_outputs(Graph(reference.proto().graph()));
  if (measured_.empty()) {
    throw Error(ErrorCode::kUnsupported,
                "no output of the model is a tensor to judge repairs by: leave them out (--repair "
                "none)");
  }
  SessionPool sessions = pool(reference);
  parallel_for(hold_out_.size(), threads_, [&]() -> Round {
    return [this, session = sessions.lend()](std::size_t i) {
      outputs_[i] = session->run(hold_out_.at(i).inputs);
    };
  });
}

SessionPool RepairJudge::pool(const Model& model) const {
  SessionOptions options;
  options.outputs = measured_tensors(Graph(model.proto().graph()), measured_);
  return {executor_, model, options, threads_, hold_out_.size()};
}

SampleNoise RepairJudge::noise_of(const Model& candidate) const {
  SampleNoise noise(hold_out_.size());
  SessionPool sessions = pool(candidate);
  parallel_for(noise.size(), threads_, [&]() -> Round {
    return [&, session = sessions.lend()](std::size_t i) {
      const Sample sample = hold_out_.at(i);
      const std::vector<Tensor> outputs = session->run(sample.inputs);
      noise[i] = sample_db(metric_input(sample, outputs, outputs_[i], {}));
    };
  });
  return noise;
}

double mean_db(const SampleNoise& noise) {
  return std::accumulate(noise.begin(), noise.end(), 0.0) / static_cast<double>(noise.size());
}

RepairOutcome begin_outcome(std::string_view name, const RepairJudge& judge,
                            const SampleNoise& before) {
  RepairOutcome outcome;
  outcome.name = name;
  outcome.samples = judge.repair_samples().size();
  outcome.held_out = judge.held_out();
  outcome.before_db = mean_db(before);
  outcome.after_db = outcome.before_db;
  return outcome;
}

bool is_kept(const RepairJudge& judge, const Model& candidate, SampleNoise& best,
             RepairOutcome& outcome) {
  SampleNoise noise = judge.noise_of(candidate);
  outcome.after_db = mean_db(noise);
  if (!is_better(noise, best)) return false;
  best = std::move(noise);
  return true;
}

bool is_better(const SampleNoise& after, const SampleNoise& before) {
  const auto count = static_cast<double>(after.size());
  const double mean = mean_db(after) - mean_db(before);
  double squares = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const double deviation = after[i] - before[i] - mean;
    squares += deviation * deviation;
  }
  const double standard_error = std::sqrt(squares / std::max(count - 1, 1.0) / count);
  // Near Student's t at 97.5 %: 2.0 for many samples, 2.8 for six.
  const double limit = 2 + 4 / count;
  return mean > limit * standard_error;
}

}  // namespace octavo
