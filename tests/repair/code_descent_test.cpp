#include "repair/code_descent.h"

#include <gtest/gtest.h>

namespace octavo {
namespace {

TEST(CodeDescent, FindsTheCodesThatAreThere) {
  // Independent inputs: every code goes straight to its optimum, as far as its slot lets it.
  const Eigen::MatrixXd second = Eigen::MatrixXd::Identity(3, 3);
  const std::vector<CodeSlot> slots = {
      {{0.5F, 0}, {-8, 7}}, {{1.0F, 3}, {0, 15}}, {{1.0F, 0}, {-8, 7}}};
  const Eigen::Vector3d target(1.6, -1.0, 100);
  const std::vector<std::int32_t> begin = {0, 3, 0};
  const auto codes = descend(second, second * reals(slots, begin) - target, slots, begin);
  EXPECT_EQ(codes, (std::vector<std::int32_t>{3, 2, 7}));
}

TEST(CodeDescent, StaysWhereNoSingleChangeHelps) {
  // Only the sum counts, and it is right.
  const Eigen::MatrixXd second = Eigen::MatrixXd::Ones(2, 2);
  const std::vector<CodeSlot> slots(2, {{1.0F, 0}, {-8, 7}});
  const std::vector<std::int32_t> begin = {3, -1};
  EXPECT_EQ(descend(second, Eigen::Vector2d::Zero(), slots, begin), begin);
}

}  // namespace
}  // namespace octavo
