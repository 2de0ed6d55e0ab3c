#include "fuzz/scratch_file.h"

#include <unistd.h>

#include <fstream>
#include <string>
#include <system_error>

namespace octavo::fuzz {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    const fs::path memory = "/dev/shm";
    const fs::path parent = fs::is_directory(memory) ? memory : fs::temp_directory_path();
    path_ = parent / ("octavo_fuzz." + std::to_string(::getpid()));
    fs::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

const fs::path& scratch_folder() {
  static const Folder kFolder;
  return kFolder.path();
}

fs::path scratch_file(std::string_view name, std::string_view bytes) {
  fs::path path = scratch_folder() / name;
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return path;
}

}  // namespace octavo::fuzz
