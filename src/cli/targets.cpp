#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "core/scheme_words.h"
#include "octavo/error.h"
#include "placement/profile.h"

namespace octavo::cli {
namespace {

std::string scheme_text(const Scheme& scheme) {
  const CodeRange codes = code_range(scheme);
  return fmt::format("{} {} [{}, {}]", traits(scheme.dtype).name, to_string(scheme.symmetry),
                     codes.min, codes.max);
}

std::string modes_text(const Profile& profile) {
  std::string text(to_string(Mode::kStatic));
  for (const auto& [mode, rules] : profile.modes) text += fmt::format(", {}", to_string(mode));
  return text;
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  fmt::print("{}\n", table(rows, std::vector<Align>(rows.front().size(), Align::kLeft)));
}

// Two tables: in one, lines are too long for a terminal.
void print_list() {
  std::vector<std::vector<std::string>> what = {{"target", "what", "measured here"}};
  std::vector<std::vector<std::string>> schemes = {
      {"target", "activations", "weights", "bias", "modes"}};
  for (const ShippedProfile& shipped : shipped_profiles()) {
    const Profile profile = load_profile(shipped.name);
    what.push_back({profile.name, profile.description, profile.runs_here() ? "yes" : "no"});
    schemes.push_back({profile.name, scheme_text(profile.activation), scheme_text(profile.weight),
                       profile.bias == BiasForm::kInt32 ? "int32" : "float32",
                       modes_text(profile)});
  }
  print_table(what);
  print_table(schemes);
  fmt::print(
      "A target is a JSON file: `octavo targets NAME` prints one, `--target FILE.json` uses "
      "yours.\n");
}

// As it is: what a user copies and changes.
void print_profile(const std::string& name) {
  for (const ShippedProfile& shipped : shipped_profiles()) {
    if (shipped.name != name) continue;
    fmt::print("{}", shipped.text);
    return;
  }
  const Profile profile = load_profile(name);  // checks a user's file, or says what is known
  fmt::print("{}: a valid target, '{}', {} operators\n", name, profile.name,
             profile.operators.size());
}

}  // namespace

void setup_targets(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  CLI::App* verb =
      app.add_subcommand("targets", "List the targets, print one, or check a file of your own");
  verb->footer(
      "Example:\n  octavo targets onnxruntime-x86 > mine.json\n"
      "  octavo quantize model.onnx --target mine.json --calibration images/ -o model.int8.onnx");
  verb->add_option("target", *name, "A shipped target's name, or a .json file");
  verb->callback([name] { name->empty() ? print_list() : print_profile(*name); });
}

}  // namespace octavo::cli
