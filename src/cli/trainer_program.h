// octavo-train, the program beside this one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace octavo::cli {

// Throws Error(kNotFound), saying how to build it, if it is not beside this program.
std::filesystem::path trainer_program();

// Runs it to its end; what it prints is seen. Throws Error(kRuntime) unless it succeeds: what went
// wrong it has said itself.
void run_trainer(const std::filesystem::path& program, const std::vector<std::string>& arguments);

}  // namespace octavo::cli
