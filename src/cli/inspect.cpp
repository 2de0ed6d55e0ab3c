#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/node_table.h"
#include "cli/recipe_flags.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "octavo/quantize.h"

namespace octavo::cli {
namespace {

struct Options {
  std::string model;
  bool all = false;
  bool json = false;
  RecipeFlags flags;
};

std::string tensor_rows(std::string_view title, const std::vector<TensorInfo>& infos) {
  std::string text;
  for (const TensorInfo& info : infos) {
    text += fmt::format("{:8} {}: {}{}\n", title, info.name, traits(info.dtype).name,
                        to_string(info.shape));
  }
  return text;
}

void run(const Options& options) {
  const Model model = read_model(options.model);
  const std::vector<NodeOutcome> nodes = inspect_model(model, to_options(options.flags));
  if (options.json) {
    fmt::print("{}\n", to_json(nodes));
    return;
  }
  fmt::print("{}: opset {}\n{}{}\nUnder {}:\n\n{}\n", options.model, model.opset(),
             tensor_rows("input", model.inputs()), tensor_rows("output", model.outputs()),
             options.flags.target, summary_table(nodes));
  fmt::print("{}", options.all ? full_table(nodes) : float_table(nodes));
}

}  // namespace

void setup_inspect(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "inspect", "What is in a model, what would be quantized, and why the rest would not");
  verb->footer("Example:\n  octavo inspect model.onnx --target onnxruntime-x86");
  verb->add_option("model", options->model, "The float ONNX model")->required();
  verb->add_flag("--all", options->all, "List every node, not only those that stay float");
  verb->add_flag("--json", options->json, "Print the nodes as JSON");
  add_recipe_flags(*verb, options->flags);
  verb->callback([options] { run(*options); });
}

}  // namespace octavo::cli
