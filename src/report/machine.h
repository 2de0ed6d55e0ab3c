// What a run was made on and what it took: for its reproduction.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "report/json_value.h"

namespace octavo {

// Processor, cores, memory, operating system.
Json machine_json();

// Most memory in use, in bytes, since the last call of restart_peak_memory() where the system can
// restart it (Linux), since the program's start elsewhere.
std::uint64_t peak_memory_bytes();
void restart_peak_memory();

// "xxh128:..." of a file's bytes, as the tool xxh128sum prints it; of a folder, over the names and
// hashes of all files in it, in the order of their names. Empty if it cannot be read.
std::string content_hash(const std::filesystem::path& path);

}  // namespace octavo
