#include "report/sample_report.h"

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "calibration/tensor_statistics.h"
#include "report/thumbnail.h"

namespace octavo {
namespace {

constexpr std::size_t kCheckpoints = 48;
constexpr std::size_t kShownSamples = 24;

struct Spread {
  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();
  double width() const { return static_cast<double>(max) - min; }
};

// Numbers of samples at which to look, ascending; the last is `samples`.
std::vector<std::size_t> checkpoints(std::size_t samples) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 1; i <= kCheckpoints; ++i) {
    const std::size_t number = std::max<std::size_t>(1, i * samples / kCheckpoints);
    if (samples > 0 && (numbers.empty() || numbers.back() < number)) numbers.push_back(number);
  }
  return numbers;
}

// The width of what the first samples span, as a share of what all do, at each checkpoint.
std::vector<double> shares_of(const TensorStatistics& statistics,
                              const std::vector<std::size_t>& numbers) {
  const std::span<const SampleRange> samples = statistics.samples();
  const double whole = static_cast<double>(statistics.sketch().max()) - statistics.sketch().min();
  std::vector<double> shares;
  Spread spread;
  std::size_t seen = 0;
  for (const std::size_t number : numbers) {
    for (; seen < std::min(number, samples.size()); ++seen) {
      spread.min = std::min(spread.min, samples[seen].min);
      spread.max = std::max(spread.max, samples[seen].max);
    }
    shares.push_back(whole > 0 && seen > 0 ? spread.width() / whole : 1);
  }
  return shares;
}

Json convergence_json(const Statistics& statistics) {
  const std::vector<std::size_t> numbers =
      checkpoints(static_cast<std::size_t>(statistics.sample_count()));
  std::vector<double> mean(numbers.size(), 0);
  std::vector<double> least(numbers.size(), 1);
  std::string slowest;
  double slowest_share = 1;
  for (const auto& [name, tensor] : statistics.tensors()) {
    const std::vector<double> shares = shares_of(tensor, numbers);
    for (std::size_t i = 0; i < shares.size(); ++i) {
      mean[i] += shares[i] / static_cast<double>(statistics.tensors().size());
      least[i] = std::min(least[i], shares[i]);
    }
    const double half_way = shares.empty() ? 1 : shares[shares.size() / 2];
    if (half_way < slowest_share) {
      slowest = name;
      slowest_share = half_way;
    }
  }
  Json json = {{"samples", numbers}, {"mean", Json::array()}, {"least", Json::array()}};
  for (const double share : mean) json["mean"].push_back(json_number(share));
  for (const double share : least) json["least"].push_back(json_number(share));
  json["slowest"] = slowest;
  return json;
}

// By sample, how many smallest and largest values of a tensor it was the first to bring.
std::map<std::uint64_t, std::size_t> extremes_by_sample(const Statistics& statistics) {
  std::map<std::uint64_t, std::size_t> extremes;
  for (const auto& [name, tensor] : statistics.tensors()) {
    const auto samples = tensor.samples();
    if (samples.empty()) continue;
    ++extremes[std::ranges::min_element(samples, {}, &SampleRange::min)->sample];
    ++extremes[std::ranges::max_element(samples, {}, &SampleRange::max)->sample];
  }
  return extremes;
}

Json sample_json(std::uint64_t index, std::size_t extremes, const Dataset* data) {
  Json json = {{"index", index}, {"extremes", extremes}};
  if (data == nullptr || index >= data->size()) return json;
  const Sample sample = data->at(static_cast<std::size_t>(index));
  json["name"] = sample.name;
  if (sample.label) json["label"] = *sample.label;
  const std::string picture = sample.inputs.empty() ? "" : thumbnail(sample.inputs.front());
  if (!picture.empty()) json["thumbnail"] = picture;
  return json;
}

}  // namespace

Json samples_json(const Statistics& statistics, const Dataset* data) {
  const auto extremes = extremes_by_sample(statistics);
  std::vector<std::pair<std::uint64_t, std::size_t>> order(extremes.begin(), extremes.end());
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [](const auto& entry) { return entry.second; });
  Json shown = Json::array();
  for (std::size_t i = 0; i < std::min(order.size(), kShownSamples); ++i) {
    shown.push_back(sample_json(order[i].first, order[i].second, data));
  }
  return {{"count", statistics.sample_count()},
          {"tensors", statistics.tensors().size()},
          {"setting_a_range", extremes.size()},
          {"convergence", convergence_json(statistics)},
          {"shown", std::move(shown)}};
}

}  // namespace octavo
