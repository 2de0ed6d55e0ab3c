// An outcome as a sweep left it on disk: read, or made anew, never a crash.
#include <filesystem>

#include "fuzz/scratch_file.h"
#include "fuzz/target.h"
#include "pipeline/sweep/sweep_cache.h"

namespace octavo::fuzz {
namespace {

void read(std::string_view bytes) {
  static const SweepCache kCache(scratch_folder() / "cache");
  scratch_file("cache/0000000000000001.json", bytes);
  if (const auto outcome = kCache.find(1)) kCache.keep(2, *outcome);
}

std::vector<std::string> seeds() {
  return {R"({"unsupported": "the target has no int4"})",
          R"({"file_bytes": 1000, "metrics": [{"name": "top1", "value": 0.5, "samples": 10,
"interval_95": [0.4, 0.6]}, {"name": "sqnr", "value": "inf", "samples": 10}],
"same_accuracy_p": 0.5, "latency_ms": [100, 1.5, 0.1, 1.2, 1.4], "latency_ratio": 0.4})"};
}

}  // namespace

const Target& sweep_cache_target() {
  static const Target kTarget = {"sweep_cache", read, seeds};
  return kTarget;
}

}  // namespace octavo::fuzz
