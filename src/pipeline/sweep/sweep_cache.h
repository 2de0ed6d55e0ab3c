// Outcomes of a sweep on disk, one small file each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "octavo/evaluation.h"
#include "octavo/quantize.h"
#include "octavo/statistics.h"

namespace octavo {

// What happened to one recipe.
struct CachedOutcome {
  std::string unsupported;  // why there is no evaluation
  ModelEvaluation evaluation;
};

class SweepCache {
 public:
  // Makes the folder.
  explicit SweepCache(std::filesystem::path folder);

  // Nothing if it is not there, or not readable as an outcome: it is then made anew.
  std::optional<CachedOutcome> find(std::uint64_t key) const;
  void keep(std::uint64_t key, const CachedOutcome& outcome) const;

  // The statistics kept under `key` if they hold all of these tensors.
  std::optional<Statistics> find_statistics(std::uint64_t key,
                                            std::span<const std::string> tensors) const;
  void keep_statistics(std::uint64_t key, const Statistics& statistics) const;

 private:
  std::filesystem::path folder_;
};

// Everything but the recipe that an outcome depends on.
struct SweepSetting {
  std::string octavo;  // build_version(): what another one made is not found again
  std::uint64_t model = 0;
  std::uint64_t calibration = 0;
  std::uint64_t evaluation = 0;
  std::string runtime;               // "onnxruntime 1.31.1"
  std::vector<std::string> metrics;  // as they were asked for; programs count by their contents
  int latency_threads = 1;
  bool timed = false;
};
std::string setting_text(const SweepSetting& setting);

// Of the statistics of a prepared model on calibration data.
std::uint64_t statistics_key(const SweepSetting& setting, std::uint64_t prepared);

// Everything that a recipe says, as text; a profile's file by its contents.
std::string recipe_text(const QuantizeOptions& options);

std::uint64_t hash_of(const std::string& text);

}  // namespace octavo
