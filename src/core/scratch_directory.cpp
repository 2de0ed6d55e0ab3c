#include "core/scratch_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "octavo/error.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "octavo-scratch-";
constexpr std::chrono::seconds kLeastAge{60};

// A descriptor that holds the folder's lock until it is closed; -1 where another process does, or
// nothing can be locked. A symbolic link is not followed: somebody else may have put it there.
int lock_folder(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return -1;
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

bool is_own_and_old(int descriptor, std::chrono::seconds least_age) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || status.st_uid != ::geteuid()) return false;
  return std::chrono::seconds(std::time(nullptr) - status.st_mtime) >= least_age;
}

std::vector<fs::path> scratch_folders(const fs::path& parent) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(kPrefix)) found.push_back(it->path());
  }
  return found;
}

// Once a process is often enough: a search makes many of these.
fs::path swept_temporary_folder() {
  static const fs::path kFolder = [] {
    fs::path temporary = fs::temp_directory_path();
    remove_abandoned_scratch(temporary, kLeastAge);
    return temporary;
  }();
  return kFolder;
}

}  // namespace

void remove_abandoned_scratch(const fs::path& parent, std::chrono::seconds least_age) {
  for (const fs::path& folder : scratch_folders(parent)) {
    const int lock = lock_folder(folder);
    if (lock < 0) continue;
    std::error_code ignored;  // another process may be at it, too
    if (is_own_and_old(lock, least_age)) fs::remove_all(folder, ignored);
    ::close(lock);
  }
}

ScratchDirectory::ScratchDirectory() : ScratchDirectory(swept_temporary_folder()) {}

ScratchDirectory::ScratchDirectory(const fs::path& parent) {
  std::string pattern = (parent / fmt::format("{}XXXXXX", kPrefix)).string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw Error(ErrorCode::kIo, fmt::format("{}: cannot be made: {}", pattern,
                                            std::generic_category().message(errno)));
  }
  path_ = pattern;
  lock_ = lock_folder(path_);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace octavo
