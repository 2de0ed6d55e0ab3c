// A file for readers that take a path: in memory where the system has a folder for that.
#pragma once

#include <filesystem>
#include <string_view>

namespace octavo::fuzz {

// A folder of this process, made on first use and removed when the process ends as it should.
const std::filesystem::path& scratch_folder();

// Writes `bytes` there under `name`, over what was there, and returns the path.
std::filesystem::path scratch_file(std::string_view name, std::string_view bytes);

}  // namespace octavo::fuzz
