// What calibrating costs beside plain float inference of the same samples in the same runtime, one
// thread each, taking turns; "fetch" runs with every observed tensor as an output and looks at
// none: what the runtime itself takes to hand them out. Prints JSON; times are processor seconds,
// so that other programs on the machine disturb little. Usage: octavo_calibration_cost MODEL DATA
// [SAMPLES]
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

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Work>
double seconds_of(const Work& work) {
  const double start = processor_seconds();
  work();
  return processor_seconds() - start;
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

void run(const std::string& path, const std::string& data, std::size_t count) {
  const Model model = read_model(path);
  const CalibrationTask task = calibration_task(model, {});
  const HeldDataset dataset(*open_dataset(data, model.inputs()), count);
  const auto executor = make_executor("onnxruntime");
  const auto session = executor->load(task.model, {});
  SessionOptions all_outputs;
  all_outputs.outputs = task.tensors;
  const auto fetching = executor->load(task.model, all_outputs);
  const auto run_all = [&](Session& with) {
    for (std::size_t i = 0; i < count; ++i) {
      with.run(dataset.at(i).inputs, [](std::size_t, const TensorView&) {});
    }
  };
  std::vector<double> plain;
  std::vector<double> fetched;
  std::vector<double> calibrated;
  for (int round = 0; round < kRounds; ++round) {
    plain.push_back(seconds_of([&] { run_all(*session); }));
    fetched.push_back(seconds_of([&] { run_all(*fetching); }));
    calibrated.push_back(
        seconds_of([&] { calibrate(task.model, task.tensors, dataset, *executor, {}); }));
  }
  const auto samples = static_cast<double>(count);
  fmt::print(
      "{{\"model\": \"{}\", \"samples\": {}, \"tensors\": {}, \"plain_ms\": {:.3f}, "
      "\"fetch_ms\": {:.3f}, \"calibrate_ms\": {:.3f}, \"ratio\": {:.2f}, \"peak_memory_mb\": "
      "{:.0f}, \"runtime\": "
      "\"{} {}\"}}\n",
      path.substr(path.rfind('/') + 1), count, task.tensors.size(), 1e3 * median(plain) / samples,
      1e3 * median(fetched) / samples, 1e3 * median(calibrated) / samples,
      median(calibrated) / median(plain), static_cast<double>(peak_memory_kilobytes()) / 1e3,
      executor->name(), executor->version());
}

}  // namespace
}  // namespace octavo

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    fmt::print(stderr, "usage: {} MODEL DATA [SAMPLES]\n", argv[0]);
    return 2;
  }
  try {
    octavo::run(argv[1], argv[2], argc == 4 ? std::stoul(argv[3]) : 50);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
