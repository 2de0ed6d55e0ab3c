#include "calibration/bin_counts.h"

#include <sys/mman.h>

#include <algorithm>
#include <limits>
#include <new>

namespace octavo {
namespace {

constexpr std::size_t kHotBytes =
    std::size_t{BinCounts::kPages} * BinCounts::kBinsPerPage * sizeof(std::uint32_t);
constexpr std::uint64_t kHotLimit = std::numeric_limits<std::uint32_t>::max();

std::uint32_t* map_counters() {
  void* memory = mmap(nullptr, kHotBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // A huge page would back all 2 MiB at the first count. Where the advice is unknown, so are they.
  madvise(memory, kHotBytes, MADV_NOHUGEPAGE);
  return static_cast<std::uint32_t*>(memory);
}

}  // namespace

void BinCounts::Unmap::operator()(std::uint32_t* counters) const { munmap(counters, kHotBytes); }

BinCounts& BinCounts::operator=(const BinCounts& other) {
  if (this != &other) *this = BinCounts(other);
  return *this;
}

void BinCounts::open_pages(std::uint32_t first, std::uint32_t last) {
  for (std::uint32_t page = first; page <= last; ++page) open_.set(page);
}

void BinCounts::reserve_hot(std::uint64_t more) {
  if (hot_ == nullptr) hot_.reset(map_counters());
  if (hot_total_ + more > kHotLimit) spill();
  hot_total_ += more;
}

void BinCounts::count(std::span<const std::uint32_t> bins) {
  reserve_hot(bins.size());
  std::uint32_t* counters = hot_.get();
  for (const std::uint32_t bin : bins) ++counters[bin];
}

void BinCounts::add(std::uint32_t bin, std::uint64_t count) {
  if (count == 0) return;
  const std::uint32_t index = bin / kBinsPerPage;
  open_.set(index);
  if (count > kHotLimit) {
    cold_[index][bin % kBinsPerPage] += count;
    return;
  }
  reserve_hot(count);
  hot_[bin] += static_cast<std::uint32_t>(count);
}

void BinCounts::spill() {
  for (std::uint32_t index = 0; index < kPages; ++index) {
    if (is_open(index)) cold_.insert_or_assign(index, page(index));
  }
  hot_.reset(map_counters());
  hot_total_ = 0;
}

void BinCounts::merge(const BinCounts& other) {
  for (std::uint32_t index = 0; index < kPages; ++index) {
    if (!other.is_open(index)) continue;
    const PageCounts counts = other.page(index);
    for (std::uint32_t i = 0; i < kBinsPerPage; ++i) add(index * kBinsPerPage + i, counts[i]);
  }
}

BinCounts::PageCounts BinCounts::page(std::uint32_t index) const {
  PageCounts counts{};
  const auto cold = cold_.find(index);
  if (cold != cold_.end()) counts = cold->second;
  if (hot_ == nullptr) return counts;
  const std::uint32_t* hot = hot_.get() + std::size_t{index} * kBinsPerPage;
  for (std::uint32_t i = 0; i < kBinsPerPage; ++i) counts[i] += hot[i];
  return counts;
}

bool BinCounts::operator==(const BinCounts& other) const {
  for (std::uint32_t index = 0; index < kPages; ++index) {
    if ((is_open(index) || other.is_open(index)) && page(index) != other.page(index)) return false;
  }
  return true;
}

}  // namespace octavo
