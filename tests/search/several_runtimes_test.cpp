#include "search/several_runtimes.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace octavo {
namespace {

constexpr double kWorthIt = 0.98;

TEST(LeastRegret, InOneRuntimeItIsTheFastest) {
  EXPECT_EQ(least_regret({{0.5, 0.4, 1}}, kWorthIt), 1u);
  EXPECT_EQ(least_regret({{0.5, 0.495, 1}}, kWorthIt), 0u) << "1 % is noise";
  EXPECT_EQ(least_regret({{1.5, 1.2, 1}}, kWorthIt), 2u);
}

TEST(LeastRegret, WhatIsBestInOneRuntimeAndSlowInTheOtherIsNotTaken) {
  // Behind by 2 in the second; by 1.5 in the first; by 1.1 at most.
  EXPECT_EQ(least_regret({{0.5, 0.75, 0.55}, {0.4, 0.2, 0.22}}, kWorthIt), 2u);
}

TEST(LeastRegret, ARuntimeThatGainsLittleDoesNotDecideAlone) {
  // The worst ratio to float would take the second candidate for 0.70 instead of 0.72.
  EXPECT_EQ(least_regret({{0.72, 0.70, 1}, {0.25, 0.50, 1}}, kWorthIt), 0u);
}

TEST(LeastRegret, RegretsAreOfTheRuntimeWhereItIsWorst) {
  EXPECT_EQ(regrets({{0.5, 0.75, 0.5}, {0.5, 0.25, 0.25}}), (std::vector<double>{2, 1.5, 1}));
}

TEST(MeanCosts, EachRuntimeCountsAlike) {
  CoverageCosts fast;
  fast.nodes = {{"a", {10, 5}}, {"b", {30, 40}}};
  fast.elements = {{"x", 7}};
  fast.conversion = 4;
  fast.quantize_per_element = 0.4;
  CoverageCosts slow;
  slow.nodes = {{"a", {300, 100}}, {"b", {100, 50}}};
  slow.dequantize_per_element = 0.8;
  const std::array<CoverageCosts, 2> both = {fast, slow};
  const CoverageCosts mean = mean_costs(both);
  EXPECT_DOUBLE_EQ(mean.nodes.at("a").in_float, (25.0 + 75.0) / 2);
  EXPECT_DOUBLE_EQ(mean.nodes.at("a").on_integers, (12.5 + 25.0) / 2);
  EXPECT_DOUBLE_EQ(mean.nodes.at("b").on_integers, (100.0 + 12.5) / 2);
  EXPECT_DOUBLE_EQ(mean.conversion, 5);
  EXPECT_DOUBLE_EQ(mean.quantize_per_element, 0.5);
  EXPECT_DOUBLE_EQ(mean.dequantize_per_element, 0.1);
  EXPECT_EQ(mean.elements.at("x"), 7u);
  EXPECT_EQ(mean.unit, "% of the model's time");
}

}  // namespace
}  // namespace octavo
