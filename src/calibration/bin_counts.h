// Counters for every possible bin of a sketch, backed by memory only where something was counted.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>

namespace octavo {

// The hot counters have 32 bits and lie in one flat reservation of address space, so that counting
// is one instruction without a look-up or a test; the operating system backs a page of 1,024
// counters (4 KiB) when it is first written. Before one of them could overflow, all are moved to
// counters of 64 bits.
class BinCounts {
 public:
  static constexpr std::uint32_t kBinsPerPage = 1U << 10U;
  static constexpr std::uint32_t kPages = 512;
  using PageCounts = std::array<std::uint64_t, kBinsPerPage>;

  BinCounts() = default;
  BinCounts(const BinCounts& other) { merge(other); }
  BinCounts(BinCounts&&) noexcept = default;
  BinCounts& operator=(const BinCounts& other);
  BinCounts& operator=(BinCounts&&) noexcept = default;
  ~BinCounts() = default;

  // Pages [first, last] may be counted in from now on.
  void open_pages(std::uint32_t first, std::uint32_t last);
  // One more in each of `bins`, all of which lie in opened pages.
  void count(std::span<const std::uint32_t> bins);
  void add(std::uint32_t bin, std::uint64_t count);
  void merge(const BinCounts& other);

  // False: nothing was counted in that page. True: perhaps.
  bool is_open(std::uint32_t page) const { return open_.test(page); }
  PageCounts page(std::uint32_t index) const;

  bool operator==(const BinCounts& other) const;

 private:
  struct Unmap {
    void operator()(std::uint32_t* counters) const;
  };

  void reserve_hot(std::uint64_t more);
  void spill();

  std::bitset<kPages> open_;
  std::unique_ptr<std::uint32_t[], Unmap> hot_;  // NOLINT: a mapping, not an array of new
  std::uint64_t hot_total_ = 0;                  // an upper bound of each hot counter
  std::map<std::uint32_t, PageCounts> cold_;
};

}  // namespace octavo
