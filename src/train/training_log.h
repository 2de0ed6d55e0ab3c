// What a training tells: a line now and then, and training.json for machines and the report.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "train/training_options.h"

namespace octavo {

// What held between two lines of the log.
struct TrainingRecord {
  std::int64_t step = 0;
  double epoch = 0;
  double loss = 0;  // mean over the steps since the last record
  double learning_rate = 0;
  double step_drift = 0;  // mean of |log2(scale / its start)| over the scales: 1 is a factor of 2
  double gradient_norm = 0;  // the largest since the last record, before it was clipped
  double seconds = 0;        // of training, since the start, interruptions left out
};

struct TrainingEvaluation {
  std::int64_t step = 0;
  double value = 0;  // of the metric, on what is kept aside
  double loss = 0;   // of the same samples
};

struct TrainingHistory {
  std::vector<TrainingRecord> records;
  std::vector<TrainingEvaluation> evaluations;
};

// What does not change while a training runs.
struct TrainingFacts {
  TrainingOptions options;
  std::string metric;  // "top1" or "agreement"
  std::string loss;    // as understood
  std::size_t training_samples = 0;
  std::size_t held_out_samples = 0;
  std::int64_t steps = 0;
  double float_value = 0;  // of the float model on what is kept aside
};

std::string training_json(const TrainingFacts& facts, const TrainingHistory& history);

// "step 120/843  epoch 0.85  loss 0.512  top1 78.10 %  step drift 0.031  rate 0.0098  left 02:10"
std::string progress_line(const TrainingFacts& facts, const TrainingHistory& history,
                          double seconds_left);

// Lines on stderr: redrawn in place on a terminal, one every few seconds elsewhere.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  // Whether enough time has passed to show another.
  bool due() const;
  void show(const std::string& line);
  // A line that stays.
  void note(const std::string& line);

 private:
  std::chrono::steady_clock::time_point shown_;
  std::size_t width_ = 0;
  bool on_terminal_;
};

}  // namespace octavo
