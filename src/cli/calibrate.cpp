#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "calibration/convergence.h"
#include "cli/channel_text.h"
#include "cli/recipe_flags.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "core/atomic_file.h"
#include "octavo/error.h"
#include "octavo/quantize.h"
#include "ranks/ranks.h"

namespace octavo::cli {
namespace {

struct Options {
  std::string model;
  std::string calibration;
  std::string output;
  std::size_t first = 0;
  std::size_t last = SIZE_MAX;
  bool resume = false;
  std::vector<std::string> per_channel;
  RecipeFlags flags;
};

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // as a signal handler needs it

// Ctrl-C ends the calibration after the samples that are running; a second one ends the program.
class InterruptGuard {
 public:
  InterruptGuard() : previous_(std::signal(SIGINT, handle)) {}
  ~InterruptGuard() { std::signal(SIGINT, previous_); }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  static void handle(int) {
    interrupted = true;
    std::signal(SIGINT, SIG_DFL);
  }

  void (*previous_)(int);
};

// Calibrates in two halves: what the second one still changes tells whether there are enough.
// Several ranks have a share of the samples each, and the halves are those of the ranks.
class Run {
 public:
  Run(const Options& options, const Ranks& ranks) : options_(options), ranks_(ranks) {}

  void run() {
    const InterruptGuard guard;
    if (ranks_.size() > 1) {
      run_ranks();
      if (!ranks_.is_first()) return;
    } else {
      prepare();
      run_alone();
    }
    if (statistics_.sample_count() > 0) write_statistics(statistics_, options_.output);
    report_end();
  }

 private:
  void prepare() {
    require_place_for(options_.output);
    const Model model = read_model(options_.model);
    task_ = calibration_task(model, to_options(options_.flags));
    dataset_ = open_dataset(options_.calibration, model.inputs());
    last_ = std::min(options_.last, dataset_->size());
    next_ = options_.first;
    if (options_.resume && std::filesystem::exists(options_.output)) take_up();
  }

  void run_alone() {
    const std::size_t total = last_ > next_ ? last_ - next_ : 0;
    if (total == 0 && !statistics_.samples().empty()) return;
    calibrate_until(next_ + total / 2);
    if (interrupted) return;
    const Statistics half = statistics_;
    calibrate_until(last_);
    if (!interrupted && half.sample_count() > 0) report_convergence(half);
  }

  // A rank that fails must still answer, or the first would wait for it forever.
  void run_ranks() {
    constexpr char kGood = '+';
    constexpr char kBad = '-';
    std::string answer;
    std::exception_ptr failure;
    try {
      prepare();
      answer = kGood + to_bytes(share_of_this_rank());
    } catch (const std::exception& error) {
      failure = std::current_exception();
      answer = kBad + std::string(error.what());
    }
    const std::vector<std::string> answers = ranks_.gather(answer);
    if (failure) std::rethrow_exception(failure);
    Statistics half;
    for (std::size_t rank = 0; rank < answers.size(); ++rank) {
      const std::string name = fmt::format("rank {}", rank);
      const std::string_view content = std::string_view(answers[rank]).substr(1);
      if (answers[rank][0] == kBad) {
        throw Error(ErrorCode::kRuntime, fmt::format("{}: {}", name, content));
      }
      if (rank == answers.size() / 2) half = statistics_;
      const Statistics share = statistics_from_bytes(content, name);
      if (share.sample_count() > 0) merge(statistics_, share);
    }
    if (ranks_.is_first() && half.sample_count() > 0) report_convergence(half);
  }

  Statistics share_of_this_rank() {
    const std::size_t total = last_ > next_ ? last_ - next_ : 0;
    const std::size_t begin = next_ + total * ranks_.rank() / ranks_.size();
    const std::size_t end = next_ + total * (ranks_.rank() + 1) / ranks_.size();
    if (begin == end) return {};
    CalibrationOptions options = options_of(begin, end);
    options.progress = [&](std::size_t done, std::size_t share) {
      if (ranks_.is_first()) progress_.update(done, share);
    };
    return calibrate(task_.model, task_.tensors, *dataset_, *make_executor("onnxruntime"), options);
  }

  void take_up() {
    statistics_ = read_statistics(options_.output);
    if (statistics_.model_fingerprint() != fingerprint(task_.model)) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("{}: cannot be resumed, it was made of another model or target",
                              options_.output));
    }
    for (const SampleInterval& done : statistics_.samples()) {
      if (done.first <= next_ && next_ < done.last) next_ = done.last;
    }
  }

  void calibrate_until(std::size_t last) {
    if (last <= next_ && last < last_) return;
    CalibrationOptions options = options_of(next_, last);
    const std::size_t before = statistics_.sample_count();
    const std::size_t whole = before + (last_ - std::min(next_, last_));
    options.progress = [&](std::size_t done, std::size_t) {
      progress_.update(before + done, whole);
    };
    merge(statistics_,
          calibrate(task_.model, task_.tensors, *dataset_, *make_executor("onnxruntime"), options));
    next_ = last;
  }

  CalibrationOptions options_of(std::size_t first, std::size_t last) const {
    CalibrationOptions options;
    options.threads = options_.flags.threads;
    options.first = first;
    options.last = last;
    options.cancelled = [] { return interrupted.load(); };
    options.per_channel = channel_requests(options_.per_channel, task_.tensors);
    return options;
  }

  void report_convergence(const Statistics& half) const {
    constexpr double kSettled = 0.02;
    const CalibratorSpec calibrator = parse_calibrator("percentile:99.99");
    const auto shifts = range_shifts(half, statistics_, calibrator, Scheme{});
    if (shifts.empty()) return;
    const auto moved = std::count_if(shifts.begin(), shifts.end(), [](const RangeShift& shift) {
      return shift.share > kSettled;
    });
    fmt::print(
        "Convergence: from {} to {} samples, 99.99 % ranges moved by {:.1f} % of their width in "
        "the median tensor\nand by {:.1f} % in the worst, '{}'; {} of {} moved by more than {:.0f} "
        "%{}\n",
        half.sample_count(), statistics_.sample_count(), 100 * shifts[shifts.size() / 2].share,
        100 * shifts.front().share, shifts.front().tensor, moved, shifts.size(), 100 * kSettled,
        moved == 0 ? ": enough samples" : ": more samples would still change them");
  }

  void report_end() const {
    print_channels(statistics_);
    fmt::print("{}: {} tensors, {} samples, {}\n", options_.output, statistics_.tensors().size(),
               statistics_.sample_count(),
               statistics_.sample_count() == 0
                   ? "not written"
                   : bytes_text(std::filesystem::file_size(options_.output)));
    if (interrupted) {
      fmt::print(stderr, "interrupted: the same command with --resume goes on from here\n");
      return;
    }
    fmt::print("Next: octavo quantize {} --statistics {} -o OUT\n", options_.model,
               options_.output);
  }

  const Options& options_;
  const Ranks& ranks_;
  CalibrationTask task_;
  std::unique_ptr<Dataset> dataset_;
  std::size_t last_ = 0;
  std::size_t next_ = 0;
  Statistics statistics_;
  Progress progress_{"calibrating"};
};

}  // namespace

void setup_calibrate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "calibrate", "Write what every calibrator needs to know of a model's activations");
  verb->footer(
      "Example:\n  octavo calibrate model.onnx --calibration images/ -o model.statistics\n\n"
      "On two machines, each its half; merged, they are the bytes that one machine would write:\n"
      "  octavo calibrate model.onnx --calibration images/ --last 500 -o a.statistics\n"
      "  octavo calibrate model.onnx --calibration images/ --first 500 -o b.statistics\n"
      "  octavo merge a.statistics b.statistics -o model.statistics\n"
      "Built with MPI, each rank takes its share: mpirun -n 4 octavo calibrate ...");
  verb->add_option("model", options->model, "The float ONNX model")->required();
  verb->add_option("--calibration", options->calibration,
                   "Inputs to calibrate on: .npz, image folder, test_data_set folder, or .yaml "
                   "recipe")
      ->required();
  verb->add_option("-o,--output", options->output, "Where the statistics go")->required();
  verb->add_option("--first", options->first, "The first sample to use, counted from 0");
  verb->add_option("--last", options->last, "The sample to stop before");
  verb->add_flag("--resume", options->resume,
                 "Go on from what the output file holds already, after Ctrl-C");
  verb->add_option(
          "--per-channel", options->per_channel,
          "Keep statistics of this tensor's channels too; TENSOR@AXIS says which axis they "
          "are on; 'all': of every tensor")
      ->type_name("TENSOR[@AXIS]");
  add_target_flag(*verb, options->flags);
  verb->add_option("--disable-pass", options->flags.disabled_passes,
                   "Leave out a preparation pass");
  verb->add_option("--threads", options->flags.threads, "Samples run side by side")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->callback([options] {
    const Ranks ranks;
    Run(*options, ranks).run();
  });
}

}  // namespace octavo::cli
