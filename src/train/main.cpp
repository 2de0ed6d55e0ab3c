// octavo-train FOLDER: does the training that `octavo finetune` prepared there.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "octavo/error.h"
#include "ranks/ranks.h"
#include "train/trainer.h"
#include "train/training_check.h"

namespace {

// The same as those of `octavo` (cli/exit_code.h).
constexpr int kUsageError = 2;
constexpr int kFirstErrorCode = 3;
constexpr int kOutOfMemory = 11;
constexpr int kInternalError = 12;

int run(int argc, char** argv, const octavo::Ranks& ranks) {
  CLI::App app("Fine-tunes a quantized model; `octavo finetune` prepares the folder and runs it.",
               "octavo-train");
  std::string folder;
  bool only_check = false;
  app.add_option("folder", folder, "What `octavo finetune --run` made")->required();
  app.add_flag("--check", only_check, "Only say whether float.onnx and task.json can be trained");
  app.set_version_flag("--version", "octavo-train " OCTAVO_VERSION);
  app.footer("Example:\n  octavo-train run/    goes on from run/checkpoint.npz, if there is one");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kUsageError;
  }
  if (only_check) {
    octavo::check_training(folder);
    return 0;
  }
  const octavo::TrainingResult result = octavo::train(folder, ranks);
  if (!ranks.is_first()) return 0;
  if (result.stopped_early) fmt::print("Stopped early: no better evaluation for a while.\n");
  fmt::print("{} on {} samples kept aside: float {:.2f} %, start {:.2f} %, fine-tuned {:.2f} %\n",
             result.metric, result.held_out_samples, 100 * result.float_value,
             100 * result.start_value, 100 * result.trained_value);
  return 0;
}

// As "octavo-train: " or "octavo-train: rank 1: ".
int fail(const octavo::Ranks& ranks, int exit_code, std::string_view why) {
  const std::string who = ranks.size() > 1 ? fmt::format("rank {}: ", ranks.rank()) : "";
  fmt::print(stderr, "octavo-train: {}{}\n", who, why);
  if (ranks.size() > 1) ranks.end_all(exit_code);
  return exit_code;
}

int run_as_rank(int argc, char** argv) {
  const octavo::Ranks ranks;
  try {
    return run(argc, argv, ranks);
  } catch (const octavo::Error& error) {
    return fail(ranks, kFirstErrorCode + static_cast<int>(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ranks, kOutOfMemory, "out of memory");
  } catch (const std::exception& error) {
    return fail(ranks, kInternalError,
                fmt::format("internal error, please report it: {}", error.what()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_as_rank(argc, argv);
  } catch (const octavo::Error& error) {  // started by a launcher, built without MPI
    fmt::print(stderr, "octavo-train: {}\n", error.what());
    return kFirstErrorCode + static_cast<int>(error.code());
  }
}
