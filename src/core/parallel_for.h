// A loop whose rounds are shared out to threads.
#pragma once

#include <cstddef>
#include <functional>

namespace octavo {

using Round = std::function<void(std::size_t index)>;

// The threads that parallel_for() uses.
std::size_t workers(int threads, std::size_t count);

// Each of up to `threads` threads makes itself a Round (with a session of its own, say) and calls
// it with indices below `count` until all are taken, in no particular order. What a round throws
// ends the loop and comes out of it.
void parallel_for(std::size_t count, int threads, const std::function<Round()>& make_round);

}  // namespace octavo
