#include <algorithm>
#include <array>
#include <cstdlib>

#include "ranks/ranks.h"

namespace octavo {

bool has_launcher() {
  constexpr std::array kVariables = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"};
  return std::any_of(kVariables.begin(), kVariables.end(), [](const char* variable) {
    return std::getenv(variable) != nullptr;  // NOLINT(concurrency-mt-unsafe): before any thread
  });
}

}  // namespace octavo
