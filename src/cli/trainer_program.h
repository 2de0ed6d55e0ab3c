// octavo-train, the program beside this one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace octavo::cli {

// Throws Error(kNotFound), saying how to build it, if it is not beside this program.
std::filesystem::path trainer_program();

// Runs a command line to its end: the trainer, or what launches it ("mpirun -n 2 octavo-train
// run/"). What it prints is seen. Throws Error(kRuntime) unless it succeeds: what went wrong it has
// said itself.
void run_trainer(const std::vector<std::string>& command);

}  // namespace octavo::cli
