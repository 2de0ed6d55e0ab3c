// The images of a folder and their labels.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace octavo {

struct ImageEntry {
  std::filesystem::path path;
  std::optional<std::int64_t> label;  // of all entries, or of none
};

// In sorted order. Labels come from labels.csv ("filename,label" a line; files that it does not
// name are left out) if there is one, else from the subfolders; images directly in the folder have
// none. Labels or subfolders that are all whole numbers are taken as these numbers, others by their
// rank in sorted order. Hidden files and folders do not count. Throws Error(kInvalidData) naming
// folder, file or line: no images, images beside subfolders with images, a line that names no file.
std::vector<ImageEntry> list_images(const std::filesystem::path& folder);

}  // namespace octavo
