// The processes of an `mpirun`, or this one alone.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace octavo::cli {

// Begins and ends MPI where the program was built with it and started by an MPI launcher. Without
// either, size() is 1 and nothing is sent. One object a program.
class Ranks {
 public:
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

 private:
  std::size_t rank_ = 0;
  std::size_t size_ = 1;
};

}  // namespace octavo::cli
