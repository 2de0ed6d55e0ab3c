// The user's own metric: a program that reads the outputs of all samples and prints one number.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/scratch_directory.h"
#include "data/metrics/metric.h"
#include "data/metrics/run_program.h"
#include "data/npz.h"
#include "octavo/error.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownCharacters = 200;
// What hangs must not hang a search for good; what computes has time.
constexpr std::chrono::minutes kUsualTimeout{10};
constexpr std::chrono::hours kLongestTimeout{1000};
constexpr std::array<std::pair<std::string_view, double>, 3> kTimeUnits = {
    {{"s", 1}, {"m", 60}, {"h", 3600}}};

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
      fail_program(program,
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

// The limit at the end of "PATH:90s": a number with s, m or h.
std::optional<std::chrono::milliseconds> time_limit(std::string_view text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (failure != std::errc() || !std::isfinite(number)) return std::nullopt;
  for (const auto& [name, seconds] : kTimeUnits) {
    if (unit == name) return std::chrono::milliseconds(std::llround(1000 * number * seconds));
  }
  return std::nullopt;
}

// "./score.py", "./score.py:90s".
ProgramCall parse_program(std::string_view text) {
  ProgramCall call{fs::path(text), "", kUsualTimeout};
  const auto colon = text.rfind(':');
  const auto limit = colon == text.npos ? std::nullopt : time_limit(text.substr(colon + 1));
  if (!limit) return call;
  if (limit->count() <= 0 || *limit > kLongestTimeout) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("metric program '{}': a time limit of {}, expected more than 0 s and "
                            "at most {}, like 90s, 10m or 2h",
                            text, duration_text(*limit), duration_text(kLongestTimeout)));
  }
  call.program = text.substr(0, colon);
  call.timeout = *limit;
  return call;
}

double number_in(const std::string& text, const fs::path& program) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  const auto last = text.find_last_not_of(kSpace);
  if (first == std::string::npos)
    fail_program(program, "printed nothing, expected one number on stdout");
  const std::string_view word = std::string_view(text).substr(first, last - first + 1);
  double number = 0;
  const auto [end, failure] = std::from_chars(word.begin(), word.end(), number);
  if (end != word.end() || failure == std::errc::invalid_argument) {
    fail_program(program, fmt::format("printed '{}', expected one number on stdout",
                                      word.substr(0, kShownCharacters)));
  }
  if (failure != std::errc() || !std::isfinite(number)) {
    fail_program(program, fmt::format("printed '{}', expected a finite number", word));
  }
  return number;
}

MetricValue combine(std::span<const SampleScore> scores, ProgramCall call) {
  std::map<std::string, Tensor> arrays;
  for (std::size_t i = 0; i < scores.front().tensors.size(); ++i) {
    arrays.insert_or_assign(scores.front().tensors[i].name, stacked(scores, i, call.program));
  }
  const ScratchDirectory folder;
  const fs::path file = folder.path() / "outputs.npz";
  write_npz(file, arrays);
  call.argument = file.string();
  return {number_in(output_of(call), call.program), std::nullopt, scores.size()};
}

}  // namespace

Metric program_metric(std::string_view text, BetterValue better) {
  const ProgramCall call = parse_program(text);
  require_runnable(call.program);
  const bool higher = better == BetterValue::kHigher;
  return {fmt::format("{}:{}", higher ? "program" : "program-loss", call.program.string()),
          "what the program prints of the outputs",
          "",
          MetricNeed::kLabel,
          better,
          SampleJudgement::kGraded,
          score,
          [call](std::span<const SampleScore> scores) { return combine(scores, call); }};
}

}  // namespace octavo
