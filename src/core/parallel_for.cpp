#include "core/parallel_for.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace octavo {

std::size_t workers(int threads, std::size_t count) {
  return std::min<std::size_t>(static_cast<std::size_t>(std::max(threads, 1)), count);
}

void parallel_for(std::size_t count, int threads, const std::function<Round()>& make_round) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      const Round round = make_round();
      for (std::size_t i = next++; i < count; i = next++) round(i);
    } catch (...) {
      next = count;
      const std::scoped_lock lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < workers(threads, count); ++i) others.emplace_back(work);
    if (count > 0) work();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace octavo
