// Runs the built program and keeps what it said.
#pragma once

#include <string>

namespace octavo::testing {

struct ProgramResult {
  int exit_code = -1;
  std::string output;  // stdout
  std::string errors;  // stderr
};

// `arguments` as a shell would read them; `launcher` goes before the program.
ProgramResult run_octavo(const std::string& arguments, const std::string& launcher = "");

}  // namespace octavo::testing
