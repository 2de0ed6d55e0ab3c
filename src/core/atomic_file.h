// Writing a file so that its path never holds half of it.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <span>
#include <string_view>

namespace octavo {

// Calls `write` on a stream to a temporary file beside `path`, syncs it to disk and renames it to
// `path`. Whatever goes wrong, `path` is left as it was and the temporary file is removed.
// Throws Error(kIo), naming the path and the system's reason.
void write_file_atomically(const std::filesystem::path& path,
                           const std::function<void(std::ostream&)>& write);
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// Throws what write_file_atomically() would for a path in no folder, or one that is a folder: to be
// asked before the work whose result goes there.
void require_place_for(const std::filesystem::path& path);

}  // namespace octavo
