#include <cmath>
#include <nlohmann/json.hpp>

#include "octavo/simulation.h"
#include "plan/indented_json.h"

namespace octavo {

std::string to_json(const SimulationReport& report) {
  nlohmann::ordered_json json = {{"target", report.target},
                                 {"accumulation", report.accumulation},
                                 {"samples", report.samples},
                                 {"runtime", report.runtime},
                                 {"layers", nlohmann::ordered_json::array()}};
  for (const SimulatedLayer& layer : report.layers) {
    nlohmann::ordered_json entry = {{"node", layer.node},
                                    {"op_type", layer.op_type},
                                    {"kernel", layer.kernel},
                                    {"pairs", layer.pairs},
                                    {"saturated_pairs", layer.saturated_pairs},
                                    {"sums", layer.sums},
                                    {"damaged_sums", layer.damaged_sums}};
    if (std::isfinite(layer.sqnr_db)) entry["sqnr_db"] = layer.sqnr_db;  // else: no difference
    json["layers"].push_back(std::move(entry));
  }
  return indented(json);
}

}  // namespace octavo
