#include "cli/trainer_program.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "octavo/error.h"

namespace octavo::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = "octavo-train";

std::string end_of(int status) {
  if (WIFSIGNALED(status)) return fmt::format("was killed by signal {}", WTERMSIG(status));
  return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

}  // namespace

fs::path trainer_program() {
  const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / kProgram;
  if (fs::exists(program)) return program;
  throw Error(
      ErrorCode::kNotFound,
      fmt::format("{}: octavo-train is not there; `scripts/setup --train` fetches libtorch, "
                  "then build again",
                  program.string()));
}

void run_trainer(const std::vector<std::string>& command) {
  std::vector<std::string> owned = command;
  std::vector<char*> pointers;
  for (std::string& word : owned) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  // What was said before must stand before what the trainer says, in a file too.
  std::fflush(stdout);
  pid_t child = 0;
  const int failure = posix_spawnp(&child, pointers[0], nullptr, nullptr, pointers.data(), environ);
  if (failure != 0) {
    throw Error(ErrorCode::kRuntime,
                fmt::format("{} does not start: {}", owned.front(), std::strerror(failure)));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      throw Error(ErrorCode::kRuntime,
                  fmt::format("waiting for {}: {}", owned.front(), std::strerror(errno)));
    }
  }
  if (status != 0) {
    throw Error(ErrorCode::kRuntime,
                fmt::format("{} {}", fs::path(owned.front()).filename().string(), end_of(status)));
  }
}

}  // namespace octavo::cli
