#include "octavo/report.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "core/atomic_file.h"

namespace octavo::cli {
namespace {

struct Options {
  std::string run;
  std::string output;
};

void run(const Options& options) {
  const std::filesystem::path folder(options.run);
  const std::filesystem::path output =
      options.output.empty() ? folder / "report.html" : std::filesystem::path(options.output);
  const std::string page = make_report(folder);
  write_file_atomically(output, page);
  fmt::print("{}: {}, opens in any browser, offline\n", output.string(), bytes_text(page.size()));
}

}  // namespace

void setup_report(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("report", "Turn a run's folder into one HTML page");
  verb->footer(
      "Example:\n  octavo quantize model.onnx --calibration images/ --run run/\n"
      "  octavo report run/ -o report.html\n\n"
      "Runs that failed or were interrupted make a page too.");
  verb->add_option("run", options->run, "The folder that --run left")->required();
  verb->add_option("-o,--output", options->output, "Where the page goes [RUN/report.html]");
  verb->callback([options] { run(*options); });
}

}  // namespace octavo::cli
