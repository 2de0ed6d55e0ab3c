#include "runtime/session_pool.h"

#include <cassert>
#include <utility>

#include "core/parallel_for.h"

namespace octavo {

SessionPool::SessionPool(const Executor& executor, const Model& model,
                         const SessionOptions& options, int threads, std::size_t rounds)
    : free_(executor.load_shared(model, options, workers(threads, rounds))) {}

SessionPool::SessionPool(std::vector<std::unique_ptr<Session>> sessions)
    : free_(std::move(sessions)) {}

std::shared_ptr<Session> SessionPool::lend() {
  const std::scoped_lock lock(mutex_);
  assert(!free_.empty());
  std::unique_ptr<Session> session = std::move(free_.back());
  free_.pop_back();
  return {session.release(), [this](Session* lent) {
            const std::scoped_lock back(mutex_);
            free_.emplace_back(lent);
          }};
}

}  // namespace octavo
