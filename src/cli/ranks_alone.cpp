// Ranks in a program built without MPI.
#include <cstdlib>

#include "cli/ranks.h"
#include "octavo/error.h"

namespace octavo::cli {

// Several copies of the program that know nothing of each other would all do the whole work and
// write the same file.
Ranks::Ranks() {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    const char* size = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): before any thread
    if (size == nullptr || std::string(size) == "1") continue;
    throw Error(ErrorCode::kUnsupported,
                "started by an MPI launcher, but built without MPI (OCTAVO_WITH_MPI=ON builds it "
                "with); without MPI, give each process its --first and --last, and merge");
  }
}

Ranks::~Ranks() = default;

std::vector<std::string> Ranks::gather(const std::string& bytes) const { return {bytes}; }

}  // namespace octavo::cli
