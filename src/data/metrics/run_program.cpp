#include "data/metrics/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include "octavo/error.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds kBetweenLooks{5};

class Deadline {
 public:
  explicit Deadline(Milliseconds timeout) : end_(Clock::now() + timeout) {}
  bool is_over() const { return Clock::now() >= end_; }
  // What poll() waits at most; a long time is waited for in parts.
  int left_ms() const {
    const auto left = std::chrono::duration_cast<Milliseconds>(end_ - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left + 1, 0, 60'000));
  }

 private:
  Clock::time_point end_;
};

// A pipe that the program's standard output goes into.
class OutputPipe {
 public:
  OutputPipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) {
      throw Error(ErrorCode::kIo, fmt::format("no pipe: {}", std::strerror(errno)));
    }
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, ends_[1], STDOUT_FILENO);
  }
  ~OutputPipe() {
    posix_spawn_file_actions_destroy(&actions_);
    close_end(0);
    close_end(1);
  }
  OutputPipe(const OutputPipe&) = delete;
  OutputPipe& operator=(const OutputPipe&) = delete;

  const posix_spawn_file_actions_t& actions() const { return actions_; }

  // Until nobody holds the other end; nothing: not in time.
  std::optional<std::string> read_all(const Deadline& deadline) {
    close_end(1);
    std::string text;
    std::array<char, 4096> buffer{};
    while (true) {
      pollfd waiting{ends_[0], POLLIN, 0};
      const int ready = poll(&waiting, 1, deadline.left_ms());
      if (ready == 0 && deadline.is_over()) return std::nullopt;
      if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
      const ssize_t count = read(ends_[0], buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return text;
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) close(ends_[end]);
    ends_[end] = -1;
  }

  std::array<int, 2> ends_ = {-1, -1};
  posix_spawn_file_actions_t actions_ = {};
};

pid_t start(const ProgramCall& call, const OutputPipe& pipe) {
  // A bare name would be looked for along PATH by some shells, never here.
  std::string name = fs::absolute(call.program).string();
  std::string argument = call.argument;
  std::array<char*, 3> arguments = {name.data(), argument.data(), nullptr};
  pid_t child = 0;
  const int failure =
      posix_spawn(&child, name.c_str(), &pipe.actions(), nullptr, arguments.data(), environ);
  if (failure == 0) return child;
  fail_program(call.program, fmt::format("does not start: {}", std::strerror(failure)));
}

// How it ended; nothing: not in time.
std::optional<int> wait_for(pid_t child, const fs::path& program, const Deadline& deadline) {
  while (true) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    if (ended < 0 && errno != EINTR) {
      fail_program(program, fmt::format("waiting for it: {}", std::strerror(errno)));
    }
    if (deadline.is_over()) return std::nullopt;
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

// A group of its own would do the same, and would no longer hear Ctrl-C.
void kill_tree(pid_t process) {
  std::vector<pid_t> children;
  std::ifstream list(fmt::format("/proc/{0}/task/{0}/children", process));
  for (pid_t child = 0; list >> child;) children.push_back(child);
  kill(process, SIGKILL);
  for (const pid_t child : children) kill_tree(child);
}

[[noreturn]] void stop(pid_t child, const ProgramCall& call) {
  kill_tree(child);
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  fail_program(call.program,
               fmt::format("did not end within {} and was killed; `program:{}:1h` waits longer",
                           duration_text(call.timeout), call.program.string()));
}

void check_end(int status, const fs::path& program) {
  if (WIFSIGNALED(status)) {
    fail_program(program, fmt::format("was killed by signal {}", WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) {
    fail_program(program, fmt::format("ended with exit code {}; what it says is on stderr",
                                      WEXITSTATUS(status)));
  }
}

}  // namespace

void fail_program(const fs::path& program, const std::string& what) {
  throw Error(ErrorCode::kRuntime, fmt::format("metric program {}: {}", program.string(), what));
}

std::string duration_text(Milliseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  if (seconds < 120) return fmt::format("{:g} s", seconds);
  return seconds < 7200 ? fmt::format("{:g} min", seconds / 60)
                        : fmt::format("{:g} h", seconds / 3600);
}

std::string output_of(const ProgramCall& call) {
  const Deadline deadline(call.timeout);
  OutputPipe pipe;
  const pid_t child = start(call, pipe);
  const std::optional<std::string> text = pipe.read_all(deadline);
  if (!text) stop(child, call);
  const std::optional<int> status = wait_for(child, call.program, deadline);
  if (!status) stop(child, call);
  check_end(*status, call.program);
  return *text;
}

}  // namespace octavo
