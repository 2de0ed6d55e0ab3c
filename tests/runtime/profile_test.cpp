#include "runtime/onnxruntime/profile.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

std::string call_of(const std::string& node, int microseconds) {
  return R"({"cat": "Node", "name": ")" + node + R"(_kernel_time", "dur": )" +
         std::to_string(microseconds) + R"(, "args": {"op_name": "Conv"}})";
}

std::vector<NodeTime> times_in(const std::string& text) {
  const testing::TemporaryDirectory folder;
  std::ofstream(folder / "profile.json") << text;
  return read_profile(folder / "profile.json");
}

TEST(Profile, TakesTheMiddleHalfOfTheCalls) {
  std::string events;
  for (const int microseconds : {1, 3, 4, 3, 3, 4, 900, 5})
    events += call_of("a", microseconds) + ",";
  const std::vector<NodeTime> times = times_in("[" + events + call_of("b", 7) + "]");
  ASSERT_EQ(times.size(), 2U);
  EXPECT_EQ(times[0].name, "a");
  EXPECT_EQ(times[0].op_type, "Conv");
  EXPECT_EQ(times[0].calls, 8);
  EXPECT_DOUBLE_EQ(times[0].microseconds, 3.5);  // of 3, 3, 4, 4
  EXPECT_EQ(times[1].calls, 1);
  EXPECT_DOUBLE_EQ(times[1].microseconds, 7);
}

TEST(Profile, PassesOverWhatIsNoKernel) {
  EXPECT_TRUE(times_in(R"([{"cat": "Session", "name": "run_kernel_time", "dur": 3},
                           {"cat": "Node", "name": "a_fence_before", "dur": 3}])")
                  .empty());
}

TEST(Profile, RefusesAnotherFile) {
  EXPECT_OCTAVO_ERROR(times_in("{}"), ErrorCode::kRuntime, "not a profile of ONNX Runtime");
}

}  // namespace
}  // namespace octavo
