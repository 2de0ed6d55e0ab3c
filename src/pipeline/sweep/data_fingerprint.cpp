#include "pipeline/sweep/data_fingerprint.h"

#include <xxhash.h>

#include <vector>

#include "core/parallel_for.h"

namespace octavo {
namespace {

std::uint64_t hash_of(const Sample& sample) {
  std::uint64_t value = 0;
  for (const Tensor& input : sample.inputs) {
    value = XXH64(input.bytes().data(), input.bytes().size(), value);
  }
  for (const auto& [meaning, tensor] : sample.truth) {
    value = XXH64(meaning.data(), meaning.size(), value);
    value = XXH64(tensor.bytes().data(), tensor.bytes().size(), value);
  }
  const std::int64_t label = sample.label.value_or(-1);
  return XXH64(&label, sizeof(label), value);
}

}  // namespace

std::uint64_t fingerprint(const Dataset& dataset, int threads) {
  std::vector<std::uint64_t> hashes(dataset.size());
  parallel_for(dataset.size(), threads, [&]() -> Round {
    return [&](std::size_t i) { hashes[i] = hash_of(dataset.at(i)); };
  });
  return XXH64(hashes.data(), hashes.size() * sizeof(std::uint64_t), 0);
}

}  // namespace octavo
