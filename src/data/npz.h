// NumPy's .npz: a zip file of .npy arrays.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "octavo/tensor.h"

namespace octavo {

// Arrays by name, without the ".npy". Throws Error(kNotFound, kInvalidData) naming the file and the
// array: no zip, truncated, an array that declares more than kLargestArrayBytes.
class Npz {
 public:
  explicit Npz(const std::filesystem::path& path);
  const std::vector<std::string>& names() const { return names_; }
  bool contains(std::string_view name) const;
  // Decompresses the array. Throws Error(kInvalidData), listing the arrays, if there is none so
  // named.
  Tensor read(std::string_view name) const;

 private:
  std::filesystem::path path_;
  std::vector<std::string> names_;
};

inline constexpr std::uint64_t kLargestArrayBytes = 16ULL << 30U;

// Uncompressed, atomically. Throws Error(kIo).
void write_npz(const std::filesystem::path& path, const std::map<std::string, Tensor>& arrays);

}  // namespace octavo
