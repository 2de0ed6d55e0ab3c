// A temporary folder that goes with everything in it.
#pragma once

#include <filesystem>

namespace octavo {

class ScratchDirectory {
 public:
  ScratchDirectory();  // throws Error(kIo)
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace octavo
