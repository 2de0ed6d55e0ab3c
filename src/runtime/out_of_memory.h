// Runtimes catch std::bad_alloc and hand it on as text.
#pragma once

#include <new>
#include <string_view>

namespace octavo {

// Throws std::bad_alloc if a runtime's message says that this was the reason: too little memory is
// no fault of the model, and a sweep must not note it as one.
inline void rethrow_out_of_memory(std::string_view message) {
  if (message.find("std::bad_alloc") != std::string_view::npos) throw std::bad_alloc();
}

}  // namespace octavo
