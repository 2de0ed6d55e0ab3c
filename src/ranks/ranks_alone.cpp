// Ranks in a program built without MPI.
#include <cstdlib>
#include <utility>

#include "octavo/error.h"
#include "ranks/ranks.h"

namespace octavo {

// Several copies of the program that know nothing of each other would all do the whole work and
// write the same file.
Ranks::Ranks() {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    const char* size = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): before any thread
    if (size == nullptr || std::string(size) == "1") continue;
    throw Error(ErrorCode::kUnsupported,
                "started by an MPI launcher, but built without MPI (OCTAVO_WITH_MPI=ON builds it "
                "with); `octavo calibrate` does without: give each process its --first and "
                "--last, and merge");
  }
}

Ranks::~Ranks() = default;

std::vector<std::string> Ranks::gather(const std::string& bytes) const { return {bytes}; }

// There is nothing to wait for.
struct Ranks::PendingSum::Request {};

Ranks::PendingSum Ranks::begin_sum(std::span<float>) const { return PendingSum(nullptr); }

double Ranks::sum(double value) const { return value; }

void Ranks::end_all(int exit_code) const { std::exit(exit_code); }

Ranks::PendingSum::PendingSum(std::unique_ptr<Request> request) : request_(std::move(request)) {}
Ranks::PendingSum::~PendingSum() = default;
Ranks::PendingSum::PendingSum(PendingSum&&) noexcept = default;

void Ranks::PendingSum::poll() {}
void Ranks::PendingSum::wait() {}

}  // namespace octavo
