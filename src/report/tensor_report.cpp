#include "report/tensor_report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "calibration/calibrator.h"
#include "calibration/expected_error.h"
#include "calibration/tensor_statistics.h"
#include "core/decibels.h"
#include "core/parallel_for.h"
#include "search/local_error.h"

namespace octavo {
namespace {

// Finer than anyone sees in a report, and coarse enough for ten calibrators a tensor.
constexpr int kErrorResolution = 4096;

double mean_square(std::span<const Sketch::Bin> bins) {
  double sum = 0;
  double count = 0;
  for (const Sketch::Bin& bin : bins) {
    sum += static_cast<double>(bin.count) * bin.middle() * bin.middle();
    count += static_cast<double>(bin.count);
  }
  return count > 0 ? sum / count : 0;
}

// With each calibrator's default parameters.
Json candidates_json(const TensorStatistics& statistics, const Scheme& scheme) {
  const std::vector<Sketch::Bin> all = statistics.sketch().bins();
  const std::vector<Sketch::Bin> bins = coarsen(all, kErrorResolution);
  const double signal = mean_square(bins);
  Json list = Json::array();
  for (const Calibrator* calibrator : all_calibrators()) {
    const CalibratorSpec spec{std::string(calibrator->name), {}};
    const CalibratedRange answer = calibrated_range(statistics, spec, scheme);
    const double noise = expected_squared_error(bins, answer.range, scheme);
    list.push_back({{"calibrator", to_string(answer.chosen)},
                    {"asked", calibrator->name},
                    {"range", json_range(answer.range)},
                    {"sqnr_db", json_number(signal_to_noise_db(signal, noise))}});
  }
  return list;
}

Json observed_json(const TensorStatistics& statistics, const QuantParams& params) {
  const Sketch& sketch = statistics.sketch();
  const QuantizerError error = activation_error(sketch, params);
  const double rms = std::sqrt(mean_square(sketch.bins()));
  Json json = {{"values", sketch.count()},
               {"zeros", sketch.zeros()},
               {"not_finite", sketch.count() - sketch.finite()},
               {"seen", json_range(error.seen)},
               {"covered", json_range(error.covered)},
               {"mean", json_number(sketch.mean())},
               {"deviation", json_number(sketch.standard_deviation())},
               {"sqnr_db", json_number(error.sqnr_db)},
               {"rmse", json_number(rms * std::pow(10.0, -error.sqnr_db / 20))},
               {"clipped_share", json_number(error.clipped_share)},
               {"histogram", linear_histogram(sketch, kHistogramBins)}};
  json["candidates"] = candidates_json(statistics, params.scheme);
  return json;
}

Json tensor_json(const PlannedActivation& activation, const Evidence& evidence) {
  const QuantParams& params = activation.params;
  const DTypeTraits& type = traits(params.scheme.dtype);
  Json json = {{"name", activation.tensor},
               {"dtype", type.name},
               {"bits", type.bits},
               {"scale", json_number(params.scale.front(), 6)},
               {"zero_point", params.zero_point.front()},
               {"range", json_range(activation.range)},
               {"calibrator", to_string(activation.calibrator)}};
  if (evidence.statistics.contains(activation.tensor)) {
    json.update(observed_json(evidence.statistics.at(activation.tensor), params));
    return json;
  }
  // It holds the values of others, moved: those were observed.
  const QuantizedActivation* placed = evidence.placement.activation(activation.tensor);
  if (placed != nullptr) {
    json["same_values_as"] = evidence.placement.groups[placed->group].observed;
  }
  return json;
}

}  // namespace

std::vector<std::uint64_t> linear_histogram(const Sketch& sketch, std::size_t bins) {
  if (sketch.finite() == 0) return {};
  const double low = sketch.min();
  const double width = sketch.max() - low;
  if (width <= 0) return {sketch.finite()};
  std::vector<std::uint64_t> counts(bins, 0);
  for (const Sketch::Bin& bin : sketch.bins()) {
    const double place = (bin.middle() - low) / width * static_cast<double>(bins);
    const double last = static_cast<double>(bins) - 1;
    counts[static_cast<std::size_t>(std::clamp(place, 0.0, last))] += bin.count;
  }
  return counts;
}

Json tensors_json(const Evidence& evidence, int threads) {
  const std::vector<PlannedActivation>& activations = evidence.plan.activations;
  std::vector<Json> tensors(activations.size());
  parallel_for(activations.size(), threads, [&] {
    return [&](std::size_t i) { tensors[i] = tensor_json(activations[i], evidence); };
  });
  return {{"tensors", std::move(tensors)}};
}

}  // namespace octavo
