// A temporary folder that goes with everything in it. What a killed process left goes when the
// next process makes its first one: a living owner holds a lock on its folder.
#pragma once

#include <chrono>
#include <filesystem>

namespace octavo {

class ScratchDirectory {
 public:
  ScratchDirectory();  // under the system's temporary folder; throws Error(kIo)
  // Under `parent`, an existing folder.
  explicit ScratchDirectory(const std::filesystem::path& parent);
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;  // a descriptor of the folder; -1: this file system has no locks
};

// Removes scratch folders of this user in `parent` that no process holds any more. Those younger
// than `least_age` stay: their owner may not have come to locking them.
void remove_abandoned_scratch(const std::filesystem::path& parent, std::chrono::seconds least_age);

}  // namespace octavo
