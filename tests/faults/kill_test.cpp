// SIGKILL at any moment: what was there before stays, what is new is whole, and the same command
// afterwards goes through.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "cli/run_octavo.h"
#include "faults/small_model.h"
#include "octavo/model.h"
#include "octavo/statistics.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::microseconds;

constexpr int kKills = 12;
constexpr unsigned kSeed = 1;

using Arguments = std::vector<std::string>;

pid_t start_octavo(const Arguments& arguments) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int nowhere = ::open("/dev/null", O_WRONLY);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  std::string program = OCTAVO_PROGRAM;
  std::vector<char*> argv = {program.data()};
  std::vector<std::string> own = arguments;
  for (std::string& argument : own) argv.push_back(argument.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  ::_exit(127);
}

class Killed : public testing::SmallModel {
 protected:
  // Runs the command once undisturbed, to know how long it takes, then kills it kKills times, each
  // time somewhere else, and calls `check` after each kill. `prepare` comes before each run.
  void kill_often(const Arguments& arguments, const std::function<void()>& prepare,
                  const std::function<void()>& check) const {
    prepare();
    const auto begin = Clock::now();
    ASSERT_EQ(finish(start_octavo(arguments)), 0) << "undisturbed";
    const auto whole = std::chrono::duration_cast<Microseconds>(Clock::now() - begin);
    std::mt19937 random(kSeed);
    int killed = 0;
    for (int i = 0; i < kKills; ++i) {
      const auto slot = whole / kKills;
      const auto moment = slot * i + Microseconds(random() % (slot.count() + 1));
      SCOPED_TRACE(fmt::format("random seed {}, killed after {} of {} us", kSeed, moment.count(),
                               whole.count()));
      prepare();
      const pid_t child = start_octavo(arguments);
      std::this_thread::sleep_for(moment);
      ::kill(child, SIGKILL);
      killed += finish(child) < 0 ? 1 : 0;
      check();
      if (HasFailure()) return;
    }
    EXPECT_GT(killed, kKills / 2) << "too few runs were hit";
    prepare();
    EXPECT_EQ(finish(start_octavo(arguments)), 0) << "the run after the kills";
    check();
  }

  // The exit code, or -1 where a signal ended it.
  static int finish(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::function<void()> begin_with(std::string_view name, std::string_view content) const {
    return [file = path(name), content = std::string(content)] {
      std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
    };
  }

  // The old content, or a model that can be read.
  std::function<void()> expect_old_or_model(std::string_view name, std::string_view old) const {
    return [this, name = std::string(name), old = std::string(old)] {
      if (content_of(name) == old) return;
      EXPECT_NO_THROW(read_model(path(name)));
    };
  }
};

TEST_F(Killed, QuantizeKeepsTheOldModelOrWritesANewOne) {
  kill_often({"quantize", path("model.onnx"), "--calibration", path("data.npz"), "-o",
              path("out.onnx"), "--coverage", "widest"},
             begin_with("out.onnx", "old"), expect_old_or_model("out.onnx", "old"));
}

TEST_F(Killed, SearchKeepsTheOldModelOrWritesANewOne) {
  kill_often({"quantize", path("model.onnx"), "--calibration", path("data.npz"), "-o",
              path("out.onnx"), "--coverage", "widest", "--repair", "none", "--max-drop", "0.1%",
              "--evaluation", path("labelled.npz")},
             begin_with("out.onnx", "old"), expect_old_or_model("out.onnx", "old"));
}

TEST_F(Killed, CalibrateKeepsTheOldStatisticsOrWritesNewOnes) {
  kill_often({"calibrate", path("model.onnx"), "--calibration", path("data.npz"), "-o",
              path("out.statistics")},
             begin_with("out.statistics", "old"), [&] {
               if (content_of("out.statistics") == "old") return;
               EXPECT_EQ(read_statistics(path("out.statistics")).sample_count(), 200);
             });
}

TEST_F(Killed, ARunFolderIsReportedWhereverItStopped) {
  const auto clear = [&] { fs::remove_all(path("run")); };
  const auto check = [&] {
    if (!fs::exists(path("run/run.json"))) return;
    EXPECT_TRUE(nlohmann::json::accept(content_of("run/run.json")));
    const auto report = testing::run_octavo("report " + path("run") + " -o " + path("run.html"));
    EXPECT_EQ(report.exit_code, 0) << report.errors;
  };
  kill_often({"quantize", path("model.onnx"), "--calibration", path("data.npz"), "--run",
              path("run"), "--coverage", "widest"},
             clear, check);
}

TEST_F(Killed, SweepGoesOnWhereItStopped) {
  const Arguments sweep = {"sweep",
                           path("model.onnx"),
                           "--calibration",
                           path("data.npz"),
                           "--evaluation",
                           path("labelled.npz"),
                           "-o",
                           path("sweep"),
                           "--calibrator",
                           "min-max,mse",
                           "--coverage",
                           "widest",
                           "--latency-seconds",
                           "0"};
  const auto clear = [&] { fs::remove_all(path("sweep")); };
  kill_often(sweep, clear, [&] {
    if (!fs::exists(path("sweep"))) return;
    for (const auto& entry : fs::recursive_directory_iterator(path("sweep"))) {
      if (entry.path().extension() != ".json") continue;
      std::ifstream stream(entry.path());
      EXPECT_TRUE(nlohmann::json::accept(stream)) << entry.path();
    }
    EXPECT_EQ(finish(start_octavo(sweep)), 0) << "going on with what is there";
    EXPECT_TRUE(fs::exists(path("sweep/sweep.json")));
  });
}

}  // namespace
}  // namespace octavo
