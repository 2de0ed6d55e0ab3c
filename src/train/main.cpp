// octavo-train FOLDER: does the training that `octavo finetune` prepared there.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "octavo/error.h"
#include "octavo/model.h"
#include "train/mapped.h"
#include "train/trainer.h"

namespace {

// The same as those of `octavo` (cli/exit_code.h).
constexpr int kUsageError = 2;
constexpr int kFirstErrorCode = 3;
constexpr int kOutOfMemory = 11;
constexpr int kInternalError = 12;

int run(int argc, char** argv) {
  CLI::App app("Fine-tunes a quantized model; `octavo finetune` prepares the folder and runs it.",
               "octavo-train");
  std::string folder;
  std::string model;
  auto* training = app.add_option("folder", folder, "What `octavo finetune --run` made");
  app.add_option("--check", model, "Only say whether every operator of this model is mapped")
      ->excludes(training);
  app.set_version_flag("--version", "octavo-train " OCTAVO_VERSION);
  app.footer("Example:\n  octavo-train run/    goes on from run/checkpoint.npz, if there is one");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kUsageError;
  }
  if (!model.empty()) {
    octavo::require_mapped(octavo::read_model(model));
    return 0;
  }
  if (folder.empty()) {
    fmt::print(stderr, "octavo-train: folder is required\nRun with --help for more information.\n");
    return kUsageError;
  }
  const octavo::TrainingResult result = octavo::train(folder);
  if (result.stopped_early) fmt::print("Stopped early: no better evaluation for a while.\n");
  fmt::print(
      "{} on {} samples kept aside: float {:.2f} %, quantized {:.2f} %, fine-tuned {:.2f} %\n",
      result.metric, result.held_out_samples, 100 * result.float_value, 100 * result.start_value,
      100 * result.trained_value);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const octavo::Error& error) {
    fmt::print(stderr, "octavo-train: {}\n", error.what());
    return kFirstErrorCode + static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "octavo-train: out of memory\n");
    return kOutOfMemory;
  } catch (const std::exception& error) {
    fmt::print(stderr, "octavo-train: internal error, please report it: {}\n", error.what());
    return kInternalError;
  }
}
