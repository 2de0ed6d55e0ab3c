// Bytes of a file in memory only while somebody looks at them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace octavo {

// Bytes [offset, offset + length) of a file, mapped read-only until destruction.
class MappedFile {
 public:
  // Throws Error(kIo), naming the file, where it cannot be mapped or has become shorter.
  MappedFile(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t length);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  void* start_ = nullptr;  // at a page's begin
  std::size_t mapped_ = 0;
  std::span<const std::byte> bytes_;
};

}  // namespace octavo
