// A disk that is full: a limit on the size of files stands for it, and a device that is always
// full.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "cli/run_octavo.h"
#include "faults/small_model.h"

namespace octavo {
namespace {

using testing::ProgramResult;
using testing::run_octavo;

constexpr int kIoExitCode = 9;
// Writing beyond the limit then fails with EFBIG, as ENOSPC would, instead of ending the process.
// The unit is a block of 512 or 1024 bytes.
constexpr const char* kTwoBlocks = "trap '' XFSZ; ulimit -f 2; ";

class FullDisk : public testing::SmallModel {
 protected:
  void expect_refused(const ProgramResult& result, std::string_view output) const {
    EXPECT_EQ(result.exit_code, kIoExitCode) << result.errors;
    EXPECT_NE(result.errors.find(std::filesystem::path(output).filename().string()),
              std::string::npos)
        << result.errors;
    EXPECT_EQ(content_of(output), "old");
    EXPECT_EQ(temporary_files(), 0);
  }
  void write_old(std::string_view name) const { std::ofstream(path(name)) << "old"; }
};

TEST_F(FullDisk, QuantizeKeepsTheOldModel) {
  write_old("out.onnx");
  expect_refused(
      run_octavo("quantize " + path("model.onnx") + " --calibration " + path("data.npz") + " -o " +
                     path("out.onnx") + " --coverage widest --repair none",
                 kTwoBlocks),
      "out.onnx");
}

TEST_F(FullDisk, CalibrateKeepsTheOldStatistics) {
  write_old("out.statistics");
  expect_refused(run_octavo("calibrate " + path("model.onnx") + " --calibration " +
                                path("data.npz") + " -o " + path("out.statistics"),
                            kTwoBlocks),
                 "out.statistics");
}

TEST_F(FullDisk, OutputThatGoesNowhereIsAFailure) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "/dev/full is not here";
  const std::string program = OCTAVO_PROGRAM;
  for (const std::string& arguments :
       {std::string("targets onnxruntime-x86"), "inspect " + path("model.onnx")}) {
    const std::string command = program + " " + arguments + " >/dev/full 2>" + path("errors");
    const int status = std::system(command.c_str());
    ASSERT_TRUE(WIFEXITED(status)) << command;
    EXPECT_EQ(WEXITSTATUS(status), kIoExitCode) << command;
    EXPECT_NE(content_of("errors").find("No space left on device"), std::string::npos)
        << content_of("errors");
  }
}

}  // namespace
}  // namespace octavo
