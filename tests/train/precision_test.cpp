#include "train/precision.h"

#include <gtest/gtest.h>

#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "train/network.h"

namespace octavo {
namespace {

TEST(ParsePrecision, KnowsTwoWords) {
  EXPECT_EQ(parse_precision("float32", at::kCPU), Precision::kFloat32);
  EXPECT_EQ(parse_precision("bfloat16", at::kCUDA), Precision::kBfloat16);
}

TEST(ParsePrecision, RefusesOthersWithTheReason) {
  EXPECT_OCTAVO_ERROR(parse_precision("half", at::kCPU), ErrorCode::kInvalidArgument,
                      "'half' on cpu", "float32 or bfloat16");
  EXPECT_OCTAVO_ERROR(parse_precision("float16", at::kCUDA), ErrorCode::kInvalidArgument,
                      "'float16' on cuda", "too few exponents");
}

class MixedPrecision : public ::testing::TestWithParam<std::string_view> {};

TEST_P(MixedPrecision, ReachesTheOperatorWhileItLivesOnly) {
  const Model model = testing::parse_graph(GetParam());
  const Network network(model, {{"y"}, {}, {}});
  const at::Tensor x = at::rand(model.inputs().front().shape);
  const at::Tensor exact = network.run({x})[0];
  {
    const Autocast autocast(Precision::kBfloat16, at::kCPU);
    const at::Tensor found = network.run({x})[0];
    EXPECT_EQ(found.scalar_type(), at::kBFloat16);
    EXPECT_TRUE(at::allclose(found.to(at::kFloat), exact, 0.02, 0.05));
  }
  EXPECT_EQ(network.run({x})[0].scalar_type(), at::kFloat);
  const Autocast none(Precision::kFloat32, at::kCPU);
  EXPECT_TRUE(at::equal(network.run({x})[0], exact));
}

INSTANTIATE_TEST_SUITE_P(Operators, MixedPrecision,
                         ::testing::Values(R"(
  opset 13
  input x: float32[1,3,8,8]
  const w: float32[4,3,3,3] = random(1)
  y = Conv(x, w) "conv"
  output y: float32[1,4,6,6]
)",
                                           R"(
  opset 13
  input x: float32[1,3,8]
  const w: float32[4,3,3] = random(1)
  y = Conv(x, w) "conv"
  output y: float32[1,4,6]
)",
                                           R"(
  opset 13
  input x: float32[2,5]
  const w: float32[5,4] = random(1)
  const b: float32[4] = random(2)
  y = Gemm(x, w, b) "gemm"
  output y: float32[2,4]
)",
                                           R"(
  opset 13
  input x: float32[2,3,5]
  const w: float32[5,4] = random(1)
  y = MatMul(x, w) "matmul"
  output y: float32[2,3,4]
)"));

}  // namespace
}  // namespace octavo
