// The processes of an `mpirun`, or this one alone.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace octavo {

// Begins and ends MPI where the program was built with it and started by an MPI launcher. Without
// either, size() is 1 and nothing is sent. One object a program; one thread at a time may use it.
class Ranks {
 public:
  class PendingSum;

  Ranks();
  ~Ranks();  // NOLINT(performance-trivially-destructible): ends MPI where there is one
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  std::size_t rank() const { return rank_; }
  std::size_t size() const { return size_; }
  bool is_first() const { return rank_ == 0; }

  // Every rank's bytes in the order of the ranks, on the first one; nothing on the others. All
  // ranks must call it.
  std::vector<std::string> gather(const std::string& bytes) const;

  // Begins to replace `values` by their sums over all ranks: they may be read or written again once
  // it is done. All ranks must begin the same sums in the same order.
  PendingSum begin_sum(std::span<float> values) const;
  // The sum of all ranks' values, the same bits on each. All ranks must call it.
  double sum(double value) const;

  // Ends every rank: the others would wait for one that failed forever.
  [[noreturn]] void end_all(int exit_code) const;

 private:
  std::size_t rank_ = 0;
  std::size_t size_ = 1;
};

class Ranks::PendingSum {
 public:
  struct Request;
  explicit PendingSum(std::unique_ptr<Request> request);
  ~PendingSum();  // waits
  PendingSum(PendingSum&&) noexcept;
  PendingSum& operator=(PendingSum&&) = delete;

  // Lets it get on: MPI sends and adds only while it is called. Returns at once.
  void poll();
  void wait();

 private:
  std::unique_ptr<Request> request_;  // null once done
};

// Whether an MPI launcher started this process, with whatever number of ranks.
bool has_launcher();

}  // namespace octavo
