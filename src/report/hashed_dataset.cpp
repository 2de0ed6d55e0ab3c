#include "report/hashed_dataset.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>

namespace octavo {

Sample HashedDataset::at(std::size_t index) const {
  Sample sample = dataset_->at(index);
  std::uint64_t hash = index;
  for (const Tensor& input : sample.inputs) {
    hash = XXH64(input.bytes().data(), input.bytes().size(), hash);
  }
  std::atomic_ref(hashes_[index]).store(hash, std::memory_order_relaxed);
  return sample;
}

std::string HashedDataset::hash() const {
  if (std::ranges::all_of(hashes_, [](std::uint64_t hash) { return hash == 0; })) return {};
  return fmt::format("xxh64:{:016x}",
                     XXH64(hashes_.data(), hashes_.size() * sizeof(hashes_[0]), 0));
}

}  // namespace octavo
