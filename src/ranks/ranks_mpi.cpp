// Ranks over MPI's C interface.
#include <mpi.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "ranks/ranks.h"

namespace octavo {
namespace {

constexpr int kFirst = 0;
constexpr int kTag = 0;
constexpr std::size_t kChunk = std::size_t{1} << 28U;  // MPI counts in int

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
  // A lone process needs no MPI, and beginning it costs a second.
  if (!has_launcher()) return;
  int given = 0;
  // A GPU's backward pass runs on a thread of its own, which then begins the sums.
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &given);
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

double Ranks::sum(double value) const {
  if (size_ == 1) return value;
  double total = 0;
  MPI_Allreduce(&value, &total, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return total;
}

void Ranks::end_all(int exit_code) const {
  if (size_ > 1) MPI_Abort(MPI_COMM_WORLD, exit_code);
  std::exit(exit_code);
}

struct Ranks::PendingSum::Request {
  MPI_Request value = MPI_REQUEST_NULL;
};

Ranks::PendingSum Ranks::begin_sum(std::span<float> values) const {
  if (size_ == 1) return PendingSum(nullptr);
  auto request = std::make_unique<PendingSum::Request>();
  MPI_Iallreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_FLOAT, MPI_SUM,
                 MPI_COMM_WORLD, &request->value);
  return PendingSum(std::move(request));
}

Ranks::PendingSum::PendingSum(std::unique_ptr<Request> request) : request_(std::move(request)) {}
Ranks::PendingSum::PendingSum(PendingSum&&) noexcept = default;
Ranks::PendingSum::~PendingSum() { wait(); }

void Ranks::PendingSum::poll() {
  if (request_ == nullptr) return;
  int done = 0;
  MPI_Test(&request_->value, &done, MPI_STATUS_IGNORE);
  if (done != 0) request_.reset();
}

void Ranks::PendingSum::wait() {
  if (request_ == nullptr) return;
  MPI_Wait(&request_->value, MPI_STATUS_IGNORE);
  request_.reset();
}

}  // namespace octavo
