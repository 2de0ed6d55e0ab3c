// libFuzzer's entry points; OCTAVO_FUZZ_TARGET names the target.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/target.h"

namespace {

const octavo::fuzz::Target& target() {
  static const octavo::fuzz::Target& kTarget = octavo::fuzz::find_target(OCTAVO_FUZZ_TARGET);
  return kTarget;
}

}  // namespace

// Names and signatures are libFuzzer's.
extern "C" {

std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target().run({reinterpret_cast<const char*>(data), size});
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                    unsigned seed) {
  const bool by_bytes = target().mutate == nullptr || seed % 4 == 0;
  if (by_bytes) return LLVMFuzzerMutate(data, size, max_size);
  return target().mutate({reinterpret_cast<std::byte*>(data), max_size}, size, seed);
}
}
