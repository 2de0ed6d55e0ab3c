// What calibrating costs beside plain float inference of the same samples in the same runtime,
// taking turns. Processor seconds, one thread each: "plain" runs the model, "fetch" runs it with
// every observed tensor watched and looks at none, "calibrate" is all of it; other programs on the
// machine disturb little. Wall clock: "wall_ratio" is calibrating with two threads beside plain
// inference with one, the second core being idle otherwise. Prints JSON. With "memory", calibrates
// once and prints the peak. Usage: octavo_calibration_cost MODEL DATA [SAMPLES [memory]]
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "octavo/error.h"
#include "octavo/quantize.h"

namespace octavo {
namespace {

constexpr int kRounds = 5;

double seconds_on(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Seconds {
  std::vector<double> processor;
  std::vector<double> wall;
};

template <typename Work>
void measure(const Work& work, Seconds& seconds) {
  const double processor = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
  const double wall = seconds_on(CLOCK_MONOTONIC);
  work();
  seconds.processor.push_back(seconds_on(CLOCK_PROCESS_CPUTIME_ID) - processor);
  seconds.wall.push_back(seconds_on(CLOCK_MONOTONIC) - wall);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

long peak_memory_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Samples decoded once and held, or repeated, so that only the model and the statistics are timed.
class HeldDataset final : public Dataset {
 public:
  HeldDataset(const Dataset& source, std::size_t count) : count_(count) {
    constexpr std::size_t kHeld = 20;
    for (std::size_t i = 0; i < std::min({source.size(), count, kHeld}); ++i) {
      samples_.push_back(source.at(i));
    }
  }
  std::size_t size() const override { return count_; }
  bool labelled() const override { return false; }
  Sample at(std::size_t index) const override { return samples_[index % samples_.size()]; }

 private:
  std::vector<Sample> samples_;
  std::size_t count_;
};

struct Subject {
  std::string name;
  CalibrationTask task;
  HeldDataset dataset;
};

Subject open(const std::string& path, const std::string& data, std::size_t count) {
  const Model model = read_model(path);
  return {path.substr(path.rfind('/') + 1), calibration_task(model, {}),
          HeldDataset(*open_dataset(data, model.inputs()), count)};
}

void print_memory(const Subject& subject) {
  calibrate(subject.task.model, subject.task.tensors, subject.dataset,
            *make_executor("onnxruntime"), {});
  fmt::print("{{\"model\": \"{}\", \"samples\": {}, \"peak_memory_mb\": {:.1f}}}\n", subject.name,
             subject.dataset.size(), static_cast<double>(peak_memory_kilobytes()) / 1e3);
}

void print_cost(const Subject& subject) {
  const auto executor = make_executor("onnxruntime");
  const auto session = executor->load(subject.task.model, {});
  SessionOptions watched;
  watched.outputs = subject.task.tensors;
  const auto watching = executor->load(subject.task.model, watched);
  const auto run_all = [&](Session& with) {
    for (std::size_t i = 0; i < subject.dataset.size(); ++i) {
      with.run(subject.dataset.at(i).inputs, [](std::size_t, const TensorView&) {});
    }
  };
  const auto calibrate_with = [&](int threads) {
    CalibrationOptions options;
    options.threads = threads;
    calibrate(subject.task.model, subject.task.tensors, subject.dataset, *executor, options);
  };
  Seconds plain;
  Seconds fetched;
  Seconds calibrated;
  Seconds on_two;
  for (int round = 0; round < kRounds; ++round) {
    measure([&] { run_all(*session); }, plain);
    measure([&] { run_all(*watching); }, fetched);
    measure([&] { calibrate_with(1); }, calibrated);
    measure([&] { calibrate_with(2); }, on_two);
  }
  const auto milliseconds = [&](const std::vector<double>& seconds) {
    return 1e3 * median(seconds) / static_cast<double>(subject.dataset.size());
  };
  fmt::print(
      "{{\"model\": \"{}\", \"samples\": {}, \"tensors\": {}, \"plain_ms\": {:.3f}, \"fetch_ms\": "
      "{:.3f}, \"calibrate_ms\": {:.3f}, \"ratio\": {:.2f}, \"wall_ratio\": {:.2f}, \"runtime\": "
      "\"{} {}\"}}\n",
      subject.name, subject.dataset.size(), subject.task.tensors.size(),
      milliseconds(plain.processor), milliseconds(fetched.processor),
      milliseconds(calibrated.processor), median(calibrated.processor) / median(plain.processor),
      median(on_two.wall) / median(plain.wall), executor->name(), executor->version());
}

}  // namespace
}  // namespace octavo

int main(int argc, char** argv) {
  const bool memory = argc == 5 && std::string(argv[4]) == "memory";
  if (argc < 3 || argc > 5 || (argc == 5 && !memory)) {
    fmt::print(stderr, "usage: {} MODEL DATA [SAMPLES [memory]]\n", argv[0]);
    return 2;
  }
  try {
    const auto subject = octavo::open(argv[1], argv[2], argc > 3 ? std::stoul(argv[3]) : 50);
    memory ? octavo::print_memory(subject) : octavo::print_cost(subject);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
