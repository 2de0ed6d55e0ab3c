// Outcomes of a sweep on disk, one small file each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

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

// Everything that a recipe says, as text; a profile's file by its contents.
std::string recipe_text(const QuantizeOptions& options);

std::uint64_t hash_of(const std::string& text);

}  // namespace octavo
