// The user's own metric: a program that reads the outputs of all samples and prints one number.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/scratch_directory.h"
#include "data/metrics/metric.h"
#include "data/npz.h"
#include "octavo/error.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownCharacters = 200;

[[noreturn]] void fail(const fs::path& program, const std::string& what) {
  throw Error(ErrorCode::kRuntime, fmt::format("metric program {}: {}", program.string(), what));
}

void require_runnable(const fs::path& program) {
  if (!fs::is_regular_file(program)) {
    throw Error(ErrorCode::kNotFound,
                fmt::format("metric program {}: there is no such file", program.string()));
  }
  if (access(program.c_str(), X_OK) == 0) return;
  throw Error(ErrorCode::kNotFound, fmt::format("metric program {}: may not be run, expected an "
                                                "executable file: chmod +x",
                                                program.string()));
}

// What the program finds in its file: the outputs by their names, what the data say by "truth.".
SampleScore score(const MetricInput& input) {
  SampleScore score;
  first_output(input);
  for (std::size_t i = 0; i < input.outputs.size(); ++i) {
    const bool named = i < input.output_names.size();
    score.tensors.push_back(
        {named ? input.output_names[i] : fmt::format("output_{}", i), input.outputs[i]});
  }
  if (input.label) {
    score.tensors.push_back({"truth.labels", Tensor::of<std::int64_t>({1}, {*input.label})});
  }
  if (input.truth == nullptr) return score;
  for (const auto& [name, tensor] : *input.truth) {
    Shape shape = tensor.shape();
    shape.insert(shape.begin(), 1);
    score.tensors.push_back({"truth." + name, tensor.reshaped(std::move(shape))});
  }
  return score;
}

// One array of all samples.
Tensor stacked(std::span<const SampleScore> scores, std::size_t index, const fs::path& program) {
  const NamedTensor& first = scores.front().tensors[index];
  const Shape& shape = first.tensor.shape();
  std::vector<std::byte> bytes;
  for (const SampleScore& sample : scores) {
    const NamedTensor& own = sample.tensors.at(index);
    if (own.tensor.shape() != shape || own.tensor.dtype() != first.tensor.dtype()) {
      fail(program,
           fmt::format("'{}' is {} of one sample and {} of another, expected one shape for "
                       "all: they are stacked",
                       first.name, to_string(shape), to_string(own.tensor.shape())));
    }
    bytes.insert(bytes.end(), own.tensor.bytes().begin(), own.tensor.bytes().end());
  }
  Shape all = shape;
  const auto count = static_cast<std::int64_t>(scores.size());
  if (!all.empty() && all.front() == 1) {
    all.front() = count;
  } else {
    all.insert(all.begin(), count);
  }
  return {first.tensor.dtype(), std::move(all), std::move(bytes)};
}

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

  // Until the program closes its end.
  std::string read_all() {
    close_end(1);
    std::string text;
    std::array<char, 4096> buffer{};
    while (true) {
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

void wait_for(pid_t child, const fs::path& program) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail(program, fmt::format("waiting for it: {}", std::strerror(errno)));
  }
  if (WIFSIGNALED(status)) fail(program, fmt::format("was killed by signal {}", WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) {
    fail(program,
         fmt::format("ended with exit code {}; what it says is on stderr", WEXITSTATUS(status)));
  }
}

std::string output_of(const fs::path& program, const fs::path& file) {
  OutputPipe pipe;
  // A bare name would be looked for along PATH by some shells, never here.
  std::string name = fs::absolute(program).string();
  std::string argument = file.string();
  std::array<char*, 3> arguments = {name.data(), argument.data(), nullptr};
  pid_t child = 0;
  const int failure =
      posix_spawn(&child, name.c_str(), &pipe.actions(), nullptr, arguments.data(), environ);
  if (failure != 0) fail(program, fmt::format("does not start: {}", std::strerror(failure)));
  std::string text = pipe.read_all();
  wait_for(child, program);
  return text;
}

double number_in(const std::string& text, const fs::path& program) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  const auto last = text.find_last_not_of(kSpace);
  if (first == std::string::npos) fail(program, "printed nothing, expected one number on stdout");
  const std::string_view word = std::string_view(text).substr(first, last - first + 1);
  double number = 0;
  const auto [end, failure] = std::from_chars(word.begin(), word.end(), number);
  if (end != word.end() || failure == std::errc::invalid_argument) {
    fail(program, fmt::format("printed '{}', expected one number on stdout",
                              word.substr(0, kShownCharacters)));
  }
  if (failure != std::errc() || !std::isfinite(number)) {
    fail(program, fmt::format("printed '{}', expected a finite number", word));
  }
  return number;
}

MetricValue combine(std::span<const SampleScore> scores, const fs::path& program) {
  std::map<std::string, Tensor> arrays;
  for (std::size_t i = 0; i < scores.front().tensors.size(); ++i) {
    arrays.insert_or_assign(scores.front().tensors[i].name, stacked(scores, i, program));
  }
  const ScratchDirectory folder;
  const fs::path file = folder.path() / "outputs.npz";
  write_npz(file, arrays);
  return {number_in(output_of(program, file), program), std::nullopt, scores.size()};
}

}  // namespace

Metric program_metric(std::string_view path, BetterValue better) {
  const fs::path program(path);
  require_runnable(program);
  const bool higher = better == BetterValue::kHigher;
  return {fmt::format("{}:{}", higher ? "program" : "program-loss", path),
          "what the program prints of the outputs",
          "",
          MetricNeed::kLabel,
          better,
          SampleJudgement::kGraded,
          score,
          [program](std::span<const SampleScore> scores) { return combine(scores, program); }};
}

}  // namespace octavo
