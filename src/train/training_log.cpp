#include "train/training_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "train/best_evaluation.h"

namespace octavo {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds kOnTerminal{200};
constexpr std::chrono::seconds kElsewhere{10};

std::string time_text(double seconds) {
  const long whole = std::lround(seconds);
  if (whole >= 3600)
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{:02}:{:02}", whole / 60, whole % 60);
}

}  // namespace

std::string training_json(const TrainingFacts& facts, const TrainingHistory& history) {
  Json json = {{"format", 1},
               {"metric", facts.metric},
               {"loss", facts.loss},
               {"training_samples", facts.training_samples},
               {"held_out_samples", facts.held_out_samples},
               {"steps", facts.steps},
               {"float", facts.float_value},
               {"options", Json::parse(to_json(facts.options))},
               {"records", Json::array()},
               {"evaluations", Json::array()}};
  for (const TrainingRecord& record : history.records) {
    json["records"].push_back({{"step", record.step},
                               {"epoch", record.epoch},
                               {"loss", record.loss},
                               {"learning_rate", record.learning_rate},
                               {"step_drift", record.step_drift},
                               {"gradient_norm", record.gradient_norm},
                               {"seconds", record.seconds}});
  }
  for (const TrainingEvaluation& evaluation : history.evaluations) {
    json["evaluations"].push_back(
        {{"step", evaluation.step}, {facts.metric, evaluation.value}, {"loss", evaluation.loss}});
  }
  if (!history.evaluations.empty()) {
    const std::size_t best = best_evaluation(history.evaluations, facts.held_out_samples);
    json["kept_step"] = history.evaluations[best].step;
  }
  return json.dump(1) + "\n";
}

std::string progress_line(const TrainingFacts& facts, const TrainingHistory& history,
                          double seconds_left) {
  const TrainingRecord& now = history.records.back();
  std::string line = fmt::format("step {}/{}  epoch {:.2f}/{:g}  loss {:.4f}", now.step,
                                 facts.steps, now.epoch, facts.options.epochs, now.loss);
  if (!history.evaluations.empty()) {
    line += fmt::format("  {} {:.2f} %", facts.metric, 100 * history.evaluations.back().value);
  }
  return line + fmt::format("  step drift {:.4f}  rate {:.6f}  left {}", now.step_drift,
                            now.learning_rate, time_text(seconds_left));
}

ProgressLine::ProgressLine() : on_terminal_(isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() {
  if (width_ > 0) std::fputc('\n', stderr);
}

bool ProgressLine::due() const {
  const auto passed = std::chrono::steady_clock::now() - shown_;
  return on_terminal_ ? passed >= kOnTerminal : passed >= kElsewhere;
}

void ProgressLine::show(const std::string& line) {
  shown_ = std::chrono::steady_clock::now();
  if (!on_terminal_) {
    fmt::print(stderr, "{}\n", line);
    return;
  }
  fmt::print(stderr, "\r{:<{}}", line, width_);
  std::fflush(stderr);
  width_ = line.size();
}

void ProgressLine::note(const std::string& line) {
  if (width_ > 0) fmt::print(stderr, "\r{:<{}}\r", "", width_);
  width_ = 0;
  fmt::print(stderr, "{}\n", line);
}

}  // namespace octavo
