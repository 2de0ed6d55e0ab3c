// The pattern that every verb follows: an options struct, setup_<verb> that describes them to
// CLI11, and a run function that calls the library. One file a verb, one line in main.cpp's list.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace octavo::cli {

void setup_analyze(CLI::App& app);
void setup_calibrate(CLI::App& app);
void setup_compare(CLI::App& app);
void setup_evaluate(CLI::App& app);
void setup_inspect(CLI::App& app);
void setup_merge(CLI::App& app);
// `command` is the program's arguments as they came: a run's folder keeps them.
void setup_finetune(CLI::App& app, const std::vector<std::string>& command);
void setup_quantize(CLI::App& app, const std::vector<std::string>& command);
void setup_report(CLI::App& app);
void setup_samples(CLI::App& app);
void setup_select(CLI::App& app);
void setup_sweep(CLI::App& app);
void setup_targets(CLI::App& app);

}  // namespace octavo::cli
