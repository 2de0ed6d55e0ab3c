#include "model/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "octavo/error.h"

namespace octavo {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what) {
  throw Error(ErrorCode::kIo, fmt::format("{}: {}: {}", path.string(), what,
                                          std::generic_category().message(errno)));
}

// Closed at the end of the constructor: a mapping outlives its file's descriptor.
class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path)
      : value_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (value_ < 0) fail(path, "cannot be opened");
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(value_); }
  int value() const { return value_; }

 private:
  int value_;
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path, std::uint64_t offset,
                       std::uint64_t length) {
  if (length == 0) return;
  const Descriptor file(path);
  struct stat status{};
  if (fstat(file.value(), &status) != 0) fail(path, "cannot be read");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (offset > size || length > size - offset) {
    throw Error(ErrorCode::kIo, fmt::format("{}: has {} bytes, {} from {} on are wanted",
                                            path.string(), size, length, offset));
  }
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t before = offset % page;
  mapped_ = length + before;
  start_ = mmap(nullptr, mapped_, PROT_READ, MAP_PRIVATE, file.value(),
                static_cast<off_t>(offset - before));
  if (start_ == MAP_FAILED) fail(path, "cannot be mapped");
  bytes_ = {static_cast<const std::byte*>(start_) + before, length};
}

MappedFile::~MappedFile() {
  if (mapped_ > 0) munmap(start_, mapped_);
}

}  // namespace octavo
