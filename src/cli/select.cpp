#include "octavo/select.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/recipe_flags.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "core/atomic_file.h"
#include "report/selection_report.h"

namespace octavo::cli {
namespace {

struct Options {
  std::string model;
  std::string data;
  std::string output;
  std::string run;
  std::string method = "cluster";
  SelectionOptions selection;
  RecipeFlags flags;
};

// Paths in a data recipe count from the recipe's own folder.
std::string as_seen_from(const std::string& data, const std::string& recipe) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::absolute(recipe).parent_path();
  return fs::proximate(fs::absolute(data), folder).string();
}

bool is_recipe(const std::string& data) {
  const std::filesystem::path extension = std::filesystem::path(data).extension();
  return extension == ".yaml" || extension == ".yml";
}

std::string recipe_text(const Options& options, const SampleSelection& selection,
                        std::size_t samples) {
  return fmt::format(
      "# {} of {} samples, by `octavo select --method {} --seed {}`.\n{}: \"{}\"\n"
      "picks: [{}]\n",
      selection.picks.size(), samples, options.method, options.selection.seed,
      is_recipe(options.data) ? "base" : "source", as_seen_from(options.data, options.output),
      fmt::join(selection.picks, ", "));
}

void print_alike(const SampleSelection& selection, const Dataset& dataset) {
  if (selection.alike.empty()) return;
  constexpr std::size_t kShown = 5;
  const auto same = std::count_if(selection.alike.begin(), selection.alike.end(),
                                  [](const AlikeSamples& pair) { return pair.correlation == 1; });
  fmt::print(
      "Warning: {} pairs of samples are nearly alike, {} of them identical; they add little "
      "to a calibration:\n",
      selection.alike.size(), same);
  for (std::size_t i = 0; i < std::min(kShown, selection.alike.size()); ++i) {
    const AlikeSamples& pair = selection.alike[i];
    fmt::print("  {} and {} ({:.3f})\n", dataset.at(pair.first).name, dataset.at(pair.second).name,
               pair.correlation);
  }
  if (selection.alike.size() > kShown) fmt::print("  ...\n");
}

// For the report of a run with these samples.
void write_selection(const Options& options, const SampleSelection& selection,
                     const Dataset& dataset) {
  const std::filesystem::path folder = options.run;
  std::filesystem::create_directories(folder);
  Json json = selection_json(selection, options.selection, dataset);
  json["data"] = options.data;
  json["recipe"] = options.output;
  write_file_atomically(folder / "selection.json", json_text(json) + "\n");
}

void run(Options& options) {
  require_place_for(options.output);
  const Model model = read_model(options.model);
  const auto dataset = open_dataset(options.data, model.inputs());
  options.selection.method = parse_selection_method(options.method);
  options.selection.threads = options.flags.threads;
  SampleSelection selection;
  {
    Progress progress("looking at samples");
    options.selection.progress = [&](std::size_t done, std::size_t total) {
      progress.update(done, total);
    };
    selection = select_samples(calibration_task(model, to_options(options.flags)), *dataset,
                               *make_executor("onnxruntime"), options.selection);
  }
  write_file_atomically(options.output, recipe_text(options, selection, dataset->size()));
  if (!options.run.empty()) write_selection(options, selection, *dataset);
  print_alike(selection, *dataset);
  fmt::print("{}: {} of {} samples\nNext: octavo quantize {} --calibration {} {}\n", options.output,
             selection.picks.size(), dataset->size(), options.model, options.output,
             options.run.empty() ? "-o OUT" : "--run " + options.run);
}

}  // namespace

void setup_select(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("select", "Pick the samples to calibrate on out of a larger set");
  verb->footer(
      "Example:\n  octavo select model.onnx --from images/ --count 64 -o picked.yaml\n"
      "  octavo quantize model.onnx --calibration picked.yaml -o model.int8.onnx\n\n"
      "With pictures of what was chosen and dropped:\n"
      "  octavo select model.onnx --from images/ --count 64 -o picked.yaml --run run/\n"
      "  octavo quantize model.onnx --calibration picked.yaml --run run/ && octavo report run/");
  verb->add_option("model", options->model, "The float ONNX model")->required();
  verb->add_option("--from", options->data,
                   "The samples: .npz, image folder, test_data_set folder, or .yaml recipe")
      ->required();
  verb->add_option("-o,--output", options->output, "Where the picks go: a .yaml data recipe")
      ->required();
  verb->add_option("--run", options->run,
                   "Also leave there, for `octavo report`, what was chosen and dropped");
  verb->add_option("--count", options->selection.count, "How many")->capture_default_str();
  verb->add_option("--method", options->method,
                   "cluster (one sample of each of COUNT groups with like activations), random, or "
                   "balanced (alike many of each label)")
      ->capture_default_str();
  verb->add_option("--seed", options->selection.seed, "Of what is drawn")->capture_default_str();
  verb->add_option("--alike-above", options->selection.alike_above,
                   "Warn of inputs that correlate more than this")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  add_target_flag(*verb, options->flags);
  verb->add_option("--threads", options->flags.threads, "Samples run side by side")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->callback([options] { run(*options); });
}

}  // namespace octavo::cli
