// Many recipes for one model in one table: accuracy, signal to noise, size and latency of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/evaluation.h"
#include "octavo/export.h"
#include "octavo/model.h"
#include "octavo/quantize.h"

namespace octavo {

struct SweepRecipe {
  std::vector<std::string> values;  // one an axis, as the table shows them
  QuantizeOptions options;
};

struct SweepTask {
  const Model& model;  // float
  std::uintmax_t file_bytes = 0;
  const Dataset& calibration;
  const Dataset& evaluation;
  std::vector<std::string> axes;  // names of what differs
  std::vector<SweepRecipe> recipes;
};

struct SweepOptions {
  // Keeps every outcome (cache/), and the models of the Pareto front (models/).
  std::filesystem::path directory;
  std::vector<std::string> metrics;  // as EvaluationOptions has them; the first is what is judged
  int threads = 1;
  int latency_threads = 1;
  double latency_seconds = 0.5;  // for each model; 0: not timed
  // Samples evaluated, of those of all rows that are not in the cache; may be empty.
  std::function<void(std::size_t done, std::size_t total)> progress;
};

struct SweepRow {
  std::vector<std::string> values;
  std::string unsupported;     // why there is no outcome; empty: there is one
  ModelEvaluation evaluation;  // its latency ratio is to the float model's in the same turns
  // No other row is better in accuracy, latency or size and as good in the rest, and its accuracy
  // is at least half the float model's.
  bool on_front = false;
  std::string file;  // of a model that was kept, within the directory
};

struct SweepReport {
  std::vector<std::string> axes;
  std::size_t samples = 0;
  std::string runtime;         // "onnxruntime 1.31.1"
  std::string metric;          // what the front judges by, beside latency and size
  SweepRow float_row;          // no values
  std::vector<SweepRow> rows;  // in the order of the recipes
  std::size_t from_cache = 0;  // rows
};

// One calibration serves all recipes that prepare the model alike. Outcomes are kept as soon as
// they are there: the same call after an interruption goes on where it stopped, and a finished
// sweep is read back. Which outcome belongs to what is decided by the contents of model and data,
// the recipe and the runtime's version. A recipe that the target or the runtime refuses is a row
// with the reason. Throws as the parts of the chain do.
OCTAVO_API SweepReport sweep_model(const SweepTask& task, const SweepOptions& options);

// Positions in report.axes of those that differ between rows.
OCTAVO_API std::vector<std::size_t> varied_axes(const SweepReport& report);

// "metric", "sqnr", "latency", "size": best first; "grid": as they are. Positions in report.rows,
// those without an outcome last. Throws Error(kInvalidArgument) for anything else.
OCTAVO_API std::vector<std::size_t> sorted_rows(const SweepReport& report, std::string_view by);

OCTAVO_API std::string to_json(const SweepReport& report);
OCTAVO_API std::string to_csv(const SweepReport& report);
// The metric over latency (over size where nothing was timed), the front joined: an SVG file.
OCTAVO_API std::string to_svg(const SweepReport& report);

}  // namespace octavo
