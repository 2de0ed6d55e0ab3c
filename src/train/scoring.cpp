#include "train/scoring.h"

#include <fmt/format.h>

#include "octavo/metrics.h"
#include "train/constants.h"

namespace octavo {
namespace {

// One sample's first output.
std::vector<Tensor> row(const Values& outputs, std::int64_t index) {
  return {from_torch(outputs.front().slice(0, index, index + 1))};
}

Values on_processor(const Values& outputs) { return {outputs.front().to(at::kCPU)}; }

}  // namespace

Values to_values(const Batch& batch, at::Device device) {
  Values values;
  for (const Tensor& input : batch.inputs) values.push_back(to_torch(input).to(device));
  return values;
}

double score_network(const ScoredData& scored, const std::string& metric, const Answer& run,
                     const Answer& reference) {
  const at::NoGradGuard no_gradients;
  MetricAccumulator accumulator(find_metric(metric));
  const bool compares = accumulator.metric().need == MetricNeed::kReference;
  BatchReader reader(scored.data, {scored.samples.begin(), scored.samples.end()}, {scored.batch},
                     {}, 1);
  while (const std::optional<Batch> batch = reader.next()) {
    // At once to the processor: sample by sample would wait for the device each time.
    const Values outputs = on_processor(run(*batch));
    const Values expected = compares ? on_processor(reference(*batch)) : Values();
    for (std::size_t i = 0; i < batch->samples.size(); ++i) {
      const auto index = static_cast<std::int64_t>(i);
      const std::vector<Tensor> answer = row(outputs, index);
      const std::vector<Tensor> wanted = compares ? row(expected, index) : std::vector<Tensor>();
      const std::string name = fmt::format("sample {}", batch->samples[i]);
      MetricInput input{answer, wanted, {}, name};
      if (!batch->labels.empty()) input.label = batch->labels[i];
      accumulator.add(batch->samples[i], input);
    }
  }
  return accumulator.value().value;
}

}  // namespace octavo
