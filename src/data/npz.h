// NumPy's .npz: a zip file of .npy arrays.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/npy.h"
#include "octavo/tensor.h"

namespace octavo {

// Stored and deflated entries. Every call opens the file afresh, so that calls from several threads
// do not meet. Throws Error(kNotFound, kInvalidData) naming the file and the array: no zip,
// truncated, an array that declares more than kLargestArrayBytes or than its entry can hold.
class Npz {
 public:
  explicit Npz(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  // Without the ".npy".
  const std::vector<std::string>& names() const { return names_; }
  bool contains(std::string_view name) const;

  // Throw Error(kInvalidData), listing the arrays, if there is none so named.
  NpyHeader header(std::string_view name) const;
  Tensor read(std::string_view name) const;
  // The given rows, ascending; the others are never held in memory.
  Tensor read_rows(std::string_view name, std::span<const std::size_t> rows) const;

 private:
  void require(std::string_view name) const;

  std::filesystem::path path_;
  std::vector<std::string> names_;
};

inline constexpr std::uint64_t kLargestArrayBytes = 16ULL << 30U;

// Uncompressed; the same arrays give the same bytes. `path` holds the old file or the new one,
// never half of one. Throws Error(kIo).
void write_npz(const std::filesystem::path& path, const std::map<std::string, Tensor>& arrays);

}  // namespace octavo
