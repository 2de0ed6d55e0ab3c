#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "octavo/error.h"
#include "octavo/statistics.h"

namespace octavo::cli {
namespace {

struct Options {
  std::vector<std::string> shards;
  std::string output;
};

void run(const Options& options) {
  Statistics whole;
  for (const std::string& shard : options.shards) {
    const Statistics statistics = read_statistics(shard);
    try {
      merge(whole, statistics);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{}: {}", shard, error.what()));
    }
  }
  write_statistics(whole, options.output);
  fmt::print("{}: {} samples of {} shards, {}\n", options.output, whole.sample_count(),
             options.shards.size(), bytes_text(std::filesystem::file_size(options.output)));
}

}  // namespace

void setup_merge(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("merge", "Combine statistics made in shards");
  verb->footer(
      "Example:\n  octavo merge a.statistics b.statistics -o model.statistics\n\n"
      "The order of the shards leaves no trace in the bytes.");
  verb->add_option("shards", options->shards, "What `octavo calibrate` wrote")->required();
  verb->add_option("-o,--output", options->output, "Where the combined statistics go")->required();
  verb->callback([options] { run(*options); });
}

}  // namespace octavo::cli
