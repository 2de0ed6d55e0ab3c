// Sessions of one loaded model for the threads of a loop.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "octavo/executor.h"

namespace octavo {

class SessionPool {
 public:
  // For a loop of up to `rounds` rounds on up to `threads` threads; loads `model` once where the
  // executor can share it. Throws what Executor::load_shared() throws.
  SessionPool(const Executor& executor, const Model& model, const SessionOptions& options,
              int threads, std::size_t rounds);
  explicit SessionPool(std::vector<std::unique_ptr<Session>> sessions);

  // One that nobody has, until the last copy of the pointer is gone: before the pool. No more than
  // the loop has threads at a time.
  std::shared_ptr<Session> lend();

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Session>> free_;
};

}  // namespace octavo
