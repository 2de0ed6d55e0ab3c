#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "cli/exit_code.h"
#include "cli/subcommand.h"
#include "octavo/error.h"

namespace {

constexpr const char* kDescription =
    "Octavo makes a trained ONNX network small and fast: a float model, a few hundred inputs and "
    "a\n"
    "target in, the quantized model, the measured proof and a reason for every decision out.";

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  return names;
}

// Where a verb belongs is a word that is none: CLI11 would say that a subcommand is missing.
bool is_unknown_verb(const std::vector<std::string>& verbs, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return false;
  return std::find(verbs.begin(), verbs.end(), argv[1]) == verbs.end();
}

// What CLI11 says of a flag, in the form of all our messages.
std::string failure_message(const CLI::App* app, const CLI::Error& error) {
  std::string command = "octavo";
  for (const CLI::App* verb : app->get_subcommands()) command += " " + verb->get_name();
  return fmt::format("octavo: {}\nRun {} --help for more information.\n", error.what(), command);
}

int run(int argc, char** argv) {
  CLI::App app(kDescription, "octavo");
  app.failure_message(failure_message);
  app.require_subcommand(1);
  app.set_version_flag("--version", "octavo " OCTAVO_VERSION);
  octavo::cli::setup_analyze(app);
  octavo::cli::setup_calibrate(app);
  octavo::cli::setup_compare(app);
  octavo::cli::setup_evaluate(app);
  octavo::cli::setup_finetune(app, {argv, argv + argc});
  octavo::cli::setup_inspect(app);
  octavo::cli::setup_merge(app);
  octavo::cli::setup_quantize(app, {argv, argv + argc});
  octavo::cli::setup_report(app);
  octavo::cli::setup_samples(app);
  octavo::cli::setup_select(app);
  octavo::cli::setup_sweep(app);
  octavo::cli::setup_targets(app);
  const std::vector<std::string> verbs = verb_names(app);
  if (is_unknown_verb(verbs, argc, argv)) {
    fmt::print(stderr, "octavo: unknown verb '{}', expected one of {}\n", argv[1],
               fmt::join(verbs, ", "));
    return octavo::cli::kUsageError;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::RuntimeError& status) {  // a verb that ended with a code of its own
    return status.get_exit_code();
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : octavo::cli::kUsageError;
  }
  return 0;
}

// What was printed may still wait in a buffer, and not fit where it goes.
int flush_output(int code) {
  if (std::fflush(stdout) == 0) return code;
  fmt::print(stderr, "octavo: standard output: writing failed: {}\n",
             std::generic_category().message(errno));
  return octavo::cli::exit_code(octavo::ErrorCode::kIo);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return flush_output(run(argc, argv));
  } catch (const octavo::Error& error) {
    fmt::print(stderr, "octavo: {}\n", error.what());
    return octavo::cli::exit_code(error.code());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "octavo: out of memory\n");
    return octavo::cli::kOutOfMemory;
  } catch (const std::system_error& error) {  // a full disk behind standard output, no more threads
    fmt::print(stderr, "octavo: the system refused: {}\n", error.what());
    return octavo::cli::exit_code(octavo::ErrorCode::kIo);
  } catch (const std::exception& error) {
    fmt::print(stderr, "octavo: internal error, please report it: {}\n", error.what());
    return octavo::cli::kInternalError;
  }
}
