#include "report/collect.h"

#include "report/depth_error.h"
#include "report/graph_report.h"
#include "report/sample_report.h"
#include "report/tensor_report.h"
#include "report/weight_report.h"

namespace octavo {
namespace {

constexpr std::size_t kDepthSamples = 4;

void add_depth_errors(const Evidence& evidence, const Dataset& data, Json& tensors) {
  const auto errors = error_along_depth(evidence, data, kDepthSamples);
  for (Json& tensor : tensors["tensors"]) {
    const auto found = errors.find(tensor["name"].get<std::string>());
    if (found == errors.end()) continue;
    tensor["depth_sqnr_db"] = json_number(found->second.sqnr_db);
    tensor["depth_rmse"] = json_number(found->second.rmse);
  }
}

}  // namespace

void collect(const Evidence& evidence, const Model& given, const CollectOptions& options,
             const RunFolder& folder) {
  folder.write("graph.json",
               graph_json(evidence, measure_times(evidence, options.latency_threads)));
  Json tensors = tensors_json(evidence, options.threads);
  if (evidence.data != nullptr) add_depth_errors(evidence, *evidence.data, tensors);
  folder.write("tensors.json", tensors);
  folder.write("weights.json", weights_json(evidence, given));
  folder.write("samples.json", samples_json(evidence.statistics, options.data));
}

}  // namespace octavo
