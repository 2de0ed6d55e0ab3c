// Runs the user's program and reads what it prints.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace octavo {

struct ProgramCall {
  std::filesystem::path program;
  std::string argument;  // the only one
  std::chrono::milliseconds timeout{0};
};

// All that it printed on stdout, once it has ended with exit code 0. Throws Error(kRuntime), naming
// the program, where it does not start, fails, or has not ended in time: then it is killed, with
// all that it has started.
std::string output_of(const ProgramCall& call);

// "90 s", "10 min": as errors say it.
std::string duration_text(std::chrono::milliseconds duration);

// Throws Error(kRuntime): "metric program PATH: what".
[[noreturn]] void fail_program(const std::filesystem::path& program, const std::string& what);

}  // namespace octavo
