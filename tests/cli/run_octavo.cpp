#include "cli/run_octavo.h"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "support/paths.h"

namespace octavo::testing {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

ProgramResult run_octavo(const std::string& arguments, const std::string& launcher) {
  const TemporaryDirectory folder;
  const std::string command = launcher + " " + OCTAVO_PROGRAM + " " + arguments + " >" +
                              (folder / "out").string() + " 2>" + (folder / "err").string();
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content_of(folder / "out"),
          content_of(folder / "err")};
}

}  // namespace octavo::testing
