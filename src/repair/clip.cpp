#include "repair/clip.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "data/selection.h"
#include "model/graph.h"
#include "model/measured_outputs.h"
#include "octavo/error.h"
#include "octavo/metrics.h"
#include "repair/block/scale_ties.h"
#include "repair/rounded_tensors.h"
#include "repair/staged_run.h"

namespace octavo {
namespace {

constexpr std::size_t kMaxSamples = 32;
constexpr std::size_t kFewestSamples = 4;
// Of the outputs that are kept to compare with. While a range is tried there are three times as
// many.
constexpr std::size_t kMostBytes = std::size_t{128} << 20;
constexpr double kStep = 0.9;
// What is measured of rounding, in steps of the calibrated range; and a step that changes nothing.
constexpr std::array<double, 4> kRoundingSteps = {1, 0.9, 0.8, 0.7};
constexpr double kExact = 1.0 / 4096;
constexpr int kMostShrinking = 14;
constexpr int kMostGrowing = 3;
constexpr int kFailuresInARow = 2;
// A range moves for so much less error, at least.
constexpr double kLeastGain = 0.01;
// Noise over signal of a tensor that is not worth a search.
constexpr double kQuiet = 1e-6;

using Outputs = std::vector<std::vector<Tensor>>;  // by sample

// Which ends of a range a step moves.
struct Ends {
  bool min = true;
  bool max = true;
};

Range scaled(const Range& range, const Ends& ends, double factor) {
  return {ends.min ? range.min * factor : range.min, ends.max ? range.max * factor : range.max};
}

std::size_t affordable_samples(const RepairTask& task) {
  std::size_t bytes = 1;
  task.executor.load(task.reference, {})
      ->run(task.data.at(0).inputs,
            [&](std::size_t, const TensorView& output) { bytes += output.bytes.size(); });
  return std::clamp(kMostBytes / bytes, kFewestSamples, kMaxSamples);
}

Observer::Visitor keep_in(Outputs& outputs) {
  return [&](std::size_t sample, std::size_t tensor, const TensorView& values) {
    outputs[sample][tensor] = {
        values.dtype, values.shape, {values.bytes.begin(), values.bytes.end()}};
  };
}

// Noise over signal, all samples and outputs together. Outputs that cannot be compared (another
// number of boxes) are lost.
double relative_noise(const Outputs& found, const Outputs& wanted) {
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto score_of = [&](const std::vector<Tensor>& outputs) {
      return find_metric("sqnr").score({outputs, wanted[i], {}, {}});
    };
    try {
      const SampleScore score = score_of(found[i]);
      signal += score.numbers[0];
      noise += score.numbers[1];
    } catch (const Error&) {
      const double lost = score_of(wanted[i]).numbers[0];
      signal += lost;
      noise += lost;
    }
  }
  return signal > 0 ? noise / signal : noise;
}

// The network from one set of tensors on.
class RoundedRun {
 public:
  RoundedRun(const StagedRun& run, const RoundedModel& rounded,
             std::span<const std::string> outputs)
      : run_(run),
        observer_(run.observer(rounded.model, outputs, rounded.inputs)),
        outputs_(outputs.size()) {}

  Outputs outputs_with(const Rounding& rounding) {
    const ExtendedDataset data(run_.from_here(), rounding_inputs(rounding));
    Outputs found(run_.samples(), std::vector<Tensor>(outputs_));
    observer_.observe(data, 0, run_.samples(), keep_in(found));
    return found;
  }

 private:
  const StagedRun& run_;
  Observer observer_;
  std::size_t outputs_;
};

// Looks for the range with the least noise around one.
class RangeSearch {
 public:
  RangeSearch(RoundedRun& run, const Outputs& wanted, const Range& from, const Scheme& scheme)
      : run_(run),
        wanted_(wanted),
        scheme_(scheme),
        best_(from),
        scale_(choose_params(from, scheme).scale) {}

  void run() {
    rounding_ = rounding_noise();
    noise_ = noise_of(best_);
    if (noise_ <= kQuiet) return;
    move({});
    const bool two_sided = best_.min < 0 && best_.max > 0;
    if (!two_sided || scheme_.symmetry == Symmetry::kSymmetric) return;
    move({.min = false});
    move({.max = false});
  }

  const Range& best() const { return best_; }

 private:
  // With the first scale.
  double rounding_noise() {
    const Outputs exact = run_.outputs_with(to_endless_codes(static_cast<float>(scale_ * kExact)));
    double sum = 0;
    for (const double step : kRoundingSteps) {
      const Outputs rounded =
          run_.outputs_with(to_endless_codes(static_cast<float>(scale_ * step)));
      sum += relative_noise(rounded, exact) / (step * step);
    }
    return sum / kRoundingSteps.size();
  }

  double noise_of(const Range& range) {
    const ScaleZeroPoint params = choose_params(range, scheme_);
    const double step = static_cast<double>(params.scale) / scale_;
    const Outputs clipped = run_.outputs_with(to_range_of_codes(params, scheme_));
    return relative_noise(clipped, wanted_) + rounding_ * step * step;
  }

  void move(const Ends& ends) {
    if (!go(ends, kStep, kMostShrinking)) go(ends, 1 / kStep, kMostGrowing);
  }

  // Did it get anywhere?
  bool go(const Ends& ends, double step, int most) {
    const Range from = best_;
    bool moved = false;
    int failures = 0;
    for (int i = 1; i <= most && failures < kFailuresInARow; ++i) {
      const Range range = scaled(from, ends, std::pow(step, i));
      const double noise = noise_of(range);
      ++failures;
      if (noise > (1 - kLeastGain) * noise_) continue;
      best_ = range;
      noise_ = noise;
      moved = true;
      failures = 0;
    }
    return moved;
  }

  RoundedRun& run_;
  const Outputs& wanted_;
  const Scheme& scheme_;
  Range best_;
  double scale_;
  double rounding_ = 0;
  double noise_ = 0;
};

class Clipping {
 public:
  Clipping(const RepairTask& task, Repaired before)
      : graph_(task.reference.proto().graph()),
        clipped_(task.reference),
        samples_(task.data, evenly_spread(affordable_samples(task), task.data.size())),
        run_(samples_, task.executor, task.threads),
        ties_(graph_, before.plan),
        measured_(measured_outputs(graph_)),
        wanted_(samples_.size()),
        result_{std::move(before), {}, {}} {}

  RepairResult run() {
    observe_wanted();
    std::vector<PlannedActivation> first;  // one a set of tensors that share their scale
    for (const PlannedActivation& activation : result_.repaired.plan.activations) {
      const auto& tensors = ties_.tied_to(activation.tensor);
      if (tensors.front() == activation.tensor) first.push_back(activation);
    }
    for (std::size_t i = 0; i < first.size(); ++i) {
      const std::string reason = refusal(first[i]);
      if (!reason.empty()) {
        result_.refusals.push_back({maker_of(first[i].tensor), reason});
        continue;
      }
      run_.advance(clipped_, readers_of(std::span(first).subspan(i)));
      choose(first[i]);
    }
    return std::move(result_);
  }

 private:
  static std::string refusal(const PlannedActivation& activation) {
    const DTypeTraits& type = traits(activation.params.scheme.dtype);
    if (!type.is_integer()) return fmt::format("{} codes have no even steps", type.name);
    if (activation.calibrator.name == "fixed") return "its range is known without looking";
    return "";
  }

  // What a report calls the tensor: the node before it, or an input of the model.
  std::string maker_of(const std::string& tensor) const {
    const onnx::NodeProto* producer = graph_.producer(tensor);
    return producer == nullptr ? tensor : producer->name();
  }

  void observe_wanted() {
    for (auto& outputs : wanted_) outputs.resize(measured_.size());
    run_.observe(clipped_, measured_tensors(graph_, measured_), keep_in(wanted_));
  }

  std::set<std::string, std::less<>> readers_of(std::span<const PlannedActivation> pending) const {
    std::set<std::string, std::less<>> readers;
    for (const PlannedActivation& activation : pending) {
      for (const std::string& tensor : ties_.tied_to(activation.tensor)) {
        for (const Use& use : graph_.uses(tensor)) readers.insert(use.node->name());
      }
    }
    return readers;
  }

  // Of measured_: the outputs that depend on the tensors.
  std::vector<std::size_t> reached_from(std::span<const std::string> tensors,
                                        const Graph& rounded_graph,
                                        const RoundedModel& rounded) const {
    std::unordered_set<std::string_view> reached;
    for (const std::string& tensor : tensors) reached.insert(rounded.rounded.at(tensor));
    for (const onnx::NodeProto& node : rounded_graph.proto().node()) {
      const auto inputs = names_read(node);
      const bool depends = std::any_of(inputs.begin(), inputs.end(),
                                       [&](auto name) { return reached.contains(name); });
      if (depends) reached.insert(node.output().begin(), node.output().end());
    }
    const auto names = output_names(rounded_graph, rounded);
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (reached.contains(names[i])) indices.push_back(i);
    }
    return indices;
  }

  // As measured_, in the rounded model.
  std::vector<std::string> output_names(const Graph& rounded_graph,
                                        const RoundedModel& rounded) const {
    auto names = measured_tensors(rounded_graph, measured_);
    for (std::string& name : names) {
      for (const auto* known : {&rounded.rounded, &names_}) {
        const auto found = known->find(name);
        if (found == known->end()) continue;
        name = found->second;
        break;
      }
    }
    return names;
  }

  void choose(const PlannedActivation& activation) {
    const auto& tensors = ties_.tied_to(activation.tensor);
    const RoundedModel rounded = with_rounding(clipped_, result_.repaired.plan, tensors);
    const Graph rounded_graph(rounded.model.proto().graph());
    const auto all_names = output_names(rounded_graph, rounded);
    std::vector<std::string> names;
    Outputs wanted(wanted_.size());
    for (const std::size_t output : reached_from(tensors, rounded_graph, rounded)) {
      names.push_back(all_names[output]);
      for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i].push_back(wanted_[i][output]);
    }
    if (names.empty()) return;
    RoundedRun run(run_, rounded, names);
    RangeSearch search(run, wanted, activation.range, activation.params.scheme);
    search.run();
    store(activation, rounded, search.best());
  }

  void store(const PlannedActivation& activation, const RoundedModel& rounded, const Range& range) {
    const std::string node = maker_of(activation.tensor);
    const ScaleZeroPoint params = choose_params(range, activation.params.scheme);
    const auto& tensors = ties_.tied_to(activation.tensor);
    if (!set_activation_params(result_.repaired, tensors, {params, "clip"})) {
      result_.refusals.push_back({node, "a bias behind it would not fit its codes"});
      return;
    }
    clipped_ = with_fixed(rounded, to_range_of_codes(params, activation.params.scheme));
    names_.insert(rounded.rounded.begin(), rounded.rounded.end());
    if (range == activation.range) return;
    result_.changes.push_back(
        {node, fmt::format("range [{:.3g}, {:.3g}] instead of [{:.3g}, {:.3g}]", range.min,
                           range.max, activation.range.min, activation.range.max)});
  }

  const Graph graph_;
  Model clipped_;  // the reference with the ranges chosen so far, and no steps
  std::map<std::string, std::string> names_;  // by tensor: what stands for it in clipped_
  const PickedDataset samples_;
  StagedRun run_;
  const ScaleTies ties_;
  const std::vector<MeasuredOutput> measured_;
  Outputs wanted_;
  RepairResult result_;
};

}  // namespace

RepairResult repair_clip(const RepairTask& task, Repaired before) {
  return Clipping(task, std::move(before)).run();
}

}  // namespace octavo
