#include "core/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include "octavo/error.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_io(const fs::path& path, std::string_view doing, int error_number) {
  throw Error(ErrorCode::kIo, fmt::format("{}: {} failed: {}", path.string(), doing,
                                          std::generic_category().message(error_number)));
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// Removes the file at the end of its scope unless it was renamed away.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    if (!renamed_) fs::remove(path_, ignored);
  }
  const fs::path& path() const { return path_; }
  void rename_to(const fs::path& target) {
    std::error_code error;
    fs::rename(path_, target, error);
    if (error) throw_io(target, "renaming the finished file", error.value());
    renamed_ = true;
  }

 private:
  fs::path path_;
  bool renamed_ = false;
};

void sync_to_disk(const fs::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) throw_io(path, "opening for sync", errno);
  const int result = ::fsync(descriptor);
  const int error_number = errno;
  ::close(descriptor);
  if (result != 0) throw_io(path, "sync", error_number);
}

}  // namespace

void require_place_for(const fs::path& path) {
  if (fs::is_directory(path)) throw_io(path, "writing", EISDIR);
  std::error_code error;
  if (fs::is_directory(folder_of(path), error)) return;
  throw_io(path, "opening for writing", error ? error.value() : ENOTDIR);
}

void write_file_atomically(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  const fs::path folder = folder_of(path);
  require_place_for(path);
  TemporaryFile temporary(folder / fmt::format(".{}.{}.tmp", path.filename().string(), ::getpid()));
  {
    errno = 0;
    std::ofstream stream(temporary.path(), std::ios::binary | std::ios::trunc);
    if (!stream) throw_io(path, "opening for writing", errno);
    write(stream);
    errno = 0;
    stream.close();
    if (!stream) throw_io(path, "writing", errno != 0 ? errno : EIO);
  }
  sync_to_disk(temporary.path(), O_RDONLY);
  temporary.rename_to(path);
  sync_to_disk(folder, O_RDONLY | O_DIRECTORY);
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  write_file_atomically(path, [&](std::ostream& stream) {
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  });
}

}  // namespace octavo
