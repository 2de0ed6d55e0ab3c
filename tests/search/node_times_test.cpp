#include "search/node_times.h"

#include <gtest/gtest.h>

#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::string_view kSmall = R"(
  opset 13
  input x: float32[4,4]
  const w: float32[4,4] = random(1)
  y = MatMul(x, w) "little"
  output y: float32[4,4]
)";

constexpr std::string_view kLarge = R"(
  opset 13
  input x: float32[300,300]
  const w: float32[300,300] = random(1)
  a = MatMul(x, w) "first"
  y = MatMul(a, w) "second"
  output y: float32[300,300]
)";

TEST(NodeTimes, AreThoseOfEachModelsOwnNodes) {
  const Model small = testing::parse_graph(kSmall);
  const Model large = testing::parse_graph(kLarge);
  const std::vector<Tensor> few = {Tensor(DType::kFloat32, {4, 4})};
  const std::vector<Tensor> many = {Tensor(DType::kFloat32, {300, 300})};
  const std::vector<ProfiledModel> models = {{small, few}, {large, many}};
  const auto times = times_by_node(models, *make_executor("onnxruntime"), {.seconds = 0.1});
  ASSERT_EQ(times.size(), 2U);
  EXPECT_EQ(times[0].size(), 1U);
  EXPECT_EQ(times[1].size(), 2U);
  // 54 million operations beside 128.
  EXPECT_GT(time_of(times[1], "second"), 10 * time_of(times[0], "little"));
  EXPECT_EQ(time_of(times[0], "second"), 0);
}

}  // namespace
}  // namespace octavo
