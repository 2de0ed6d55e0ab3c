// Too little memory: a plain sentence and exit code 11, no old file lost, whatever the limit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "cli/run_octavo.h"
#include "faults/small_model.h"

namespace octavo {
namespace {

using testing::ProgramResult;
using testing::run_octavo;

class LittleMemory : public testing::SmallModel {
 protected:
  ProgramResult run_within(int megabytes, const std::string& arguments) const {
    return run_octavo(arguments, fmt::format("ulimit -v {}; ", megabytes * 1024));
  }
};

// From what is plenty down to what the program cannot even begin with.
TEST_F(LittleMemory, IsSaidPlainlyAndLosesNothing) {
  constexpr int kOutOfMemoryExitCode = 11;
  int refused = 0;
  for (int megabytes = 136; megabytes >= 64; megabytes -= 2) {
    SCOPED_TRACE(fmt::format("{} MB", megabytes));
    // What cannot even be loaded, with the libraries' own beginnings, cannot say anything either.
    if (run_within(megabytes, "--help").exit_code != 0) continue;
    std::ofstream(path("out.onnx"), std::ios::trunc) << "old";
    const ProgramResult result = run_within(
        megabytes, "quantize " + path("model.onnx") + " --calibration " + path("data.npz") +
                       " -o " + path("out.onnx") + " --coverage widest --repair none --threads 1");
    if (result.exit_code == 0) continue;
    refused += 1;
    EXPECT_EQ(result.exit_code, kOutOfMemoryExitCode) << result.errors;
    EXPECT_NE(result.errors.find("octavo: out of memory"), std::string::npos) << result.errors;
    EXPECT_EQ(content_of("out.onnx"), "old");
    EXPECT_EQ(temporary_files(), 0);
  }
  EXPECT_GT(refused, 0) << "no limit lay between the two";
}

}  // namespace
}  // namespace octavo
