// Ranks over MPI's C interface.
#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "cli/ranks.h"
#include "octavo/error.h"

namespace octavo::cli {
namespace {

constexpr int kFirst = 0;
constexpr int kTag = 0;
constexpr std::size_t kChunk = std::size_t{1} << 28U;  // MPI counts in int

// A lone process needs no MPI, and beginning it costs a second.
bool was_launched() {
  constexpr std::array kVariables = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"};
  return std::any_of(kVariables.begin(), kVariables.end(), [](const char* variable) {
    return std::getenv(variable) != nullptr;  // NOLINT(concurrency-mt-unsafe): before any thread
  });
}

void send(const std::string& bytes) {
  const std::uint64_t size = bytes.size();
  MPI_Send(&size, 1, MPI_UINT64_T, kFirst, kTag, MPI_COMM_WORLD);
  for (std::size_t sent = 0; sent < bytes.size(); sent += kChunk) {
    const std::size_t part = std::min(kChunk, bytes.size() - sent);
    MPI_Send(bytes.data() + sent, static_cast<int>(part), MPI_BYTE, kFirst, kTag, MPI_COMM_WORLD);
  }
}

std::string receive(int from) {
  std::uint64_t size = 0;
  MPI_Recv(&size, 1, MPI_UINT64_T, from, kTag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  std::string bytes(size, '\0');
  for (std::size_t got = 0; got < bytes.size(); got += kChunk) {
    const std::size_t part = std::min(kChunk, bytes.size() - got);
    MPI_Recv(bytes.data() + got, static_cast<int>(part), MPI_BYTE, from, kTag, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
  }
  return bytes;
}

}  // namespace

Ranks::Ranks() {
  if (!was_launched()) return;
  MPI_Init(nullptr, nullptr);
  int rank = 0;
  int size = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  rank_ = static_cast<std::size_t>(rank);
  size_ = static_cast<std::size_t>(size);
}

Ranks::~Ranks() {
  int begun = 0;
  MPI_Initialized(&begun);
  if (begun != 0) MPI_Finalize();
}

std::vector<std::string> Ranks::gather(const std::string& bytes) const {
  if (!is_first()) {
    send(bytes);
    return {};
  }
  std::vector<std::string> all = {bytes};
  for (std::size_t rank = 1; rank < size_; ++rank) {
    all.push_back(receive(static_cast<int>(rank)));
  }
  return all;
}

}  // namespace octavo::cli
