#include "report/machine.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

namespace octavo {
namespace {

namespace fs = std::filesystem;

// The text after "key" and a colon in a file of such lines; empty if there is none.
std::string line_value(const char* file, std::string_view key) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t begin = line.find_first_not_of(" \t:", key.size());
    return begin == std::string::npos ? std::string() : line.substr(begin);
  }
  return {};
}

struct FreeState {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};
using HashState = std::unique_ptr<XXH3_state_t, FreeState>;

HashState new_state() {
  HashState state(XXH3_createState());
  XXH3_128bits_reset(state.get());
  return state;
}

std::string digest(const HashState& state) {
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string hash_of_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return {};
  const HashState state = new_state();
  std::vector<char> block(1U << 20U);
  while (stream) {
    stream.read(block.data(), static_cast<std::streamsize>(block.size()));
    XXH3_128bits_update(state.get(), block.data(), static_cast<std::size_t>(stream.gcount()));
  }
  return digest(state);
}

std::string hash_of_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  const HashState state = new_state();
  for (const fs::path& file : files) {
    const std::string line =
        fmt::format("{}  {}\n", hash_of_file(file), fs::relative(file, folder).generic_string());
    XXH3_128bits_update(state.get(), line.data(), line.size());
  }
  return digest(state);
}

}  // namespace

Json machine_json() {
  utsname system = {};
  uname(&system);
  const auto pages = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
  const auto page_bytes = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PAGESIZE)));
  return {{"processor", line_value("/proc/cpuinfo", "model name")},
          {"cores", std::thread::hardware_concurrency()},
          {"memory_bytes", pages * page_bytes},
          {"system", fmt::format("{} {}", system.sysname, system.release)},
          {"architecture", system.machine}};
}

std::uint64_t peak_memory_bytes() {
  const std::string kilobytes = line_value("/proc/self/status", "VmHWM");
  if (!kilobytes.empty()) return std::stoull(kilobytes) * 1024;
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

void restart_peak_memory() {
  std::ofstream stream("/proc/self/clear_refs");
  stream << "5";  // proc(5): resets the peak resident set size
}

std::string content_hash(const fs::path& path) {
  std::error_code failure;
  const bool folder = fs::is_directory(path, failure);
  const std::string hash = folder ? hash_of_folder(path) : hash_of_file(path);
  return hash.empty() ? hash : "xxh128:" + hash;
}

}  // namespace octavo
