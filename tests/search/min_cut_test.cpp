#include "search/min_cut.h"

#include <gtest/gtest.h>

#include <random>
#include <tuple>

namespace octavo {
namespace {

using Edges = std::vector<std::tuple<std::size_t, std::size_t, double>>;

MinCut network(std::size_t points, const Edges& edges) {
  MinCut cut;
  for (std::size_t i = 0; i < points; ++i) cut.add_point();
  for (const auto& [from, to, capacity] : edges) cut.add_edge(from, to, capacity);
  return cut;
}

double cost(const std::vector<bool>& side, const Edges& edges) {
  double sum = 0;
  for (const auto& [from, to, capacity] : edges) {
    if (side[from] && !side[to]) sum += capacity;
  }
  return sum;
}

TEST(MinCut, CutsTheCheapestEdgeOfAChain) {
  const Edges edges = {{0, 2, 5}, {2, 3, 2}, {3, 1, 7}};
  EXPECT_EQ(network(4, edges).source_side(0, 1), (std::vector<bool>{true, false, true, false}));
}

TEST(MinCut, NeverCutsWhatIsInfinite) {
  const Edges edges = {{0, 2, MinCut::kInfinite}, {2, 3, MinCut::kInfinite}, {3, 1, 3}};
  EXPECT_EQ(network(4, edges).source_side(0, 1), (std::vector<bool>{true, false, true, true}));
}

TEST(MinCut, IsNoDearerThanAnyOtherCut) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    const std::size_t points = 3 + random() % 6;
    Edges edges;
    for (std::size_t i = 0; i < 3 * points; ++i) {
      edges.emplace_back(random() % points, random() % points, random() % 10);
    }
    const double found = cost(network(points, edges).source_side(0, 1), edges);
    for (unsigned mask = 0; mask < 1U << points; ++mask) {
      if ((mask & 1U) == 0 || (mask & 2U) != 0) continue;
      std::vector<bool> side(points);
      for (std::size_t i = 0; i < points; ++i) side[i] = (mask >> i & 1U) != 0;
      ASSERT_LE(found, cost(side, edges) + 1e-6) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace octavo
