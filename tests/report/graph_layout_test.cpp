#include "report/graph_layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace octavo {
namespace {

using Edges = std::vector<std::pair<std::size_t, std::size_t>>;

TEST(LayeredLayout, AChainIsOneStraightColumn) {
  const auto positions = layered_layout(4, {{0, 1}, {1, 2}, {2, 3}});
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(positions[i].layer, i);
    EXPECT_NEAR(positions[i].across, positions[0].across, 1e-9);
  }
}

TEST(LayeredLayout, BranchesStandBesideEachOtherAndMeetInTheMiddle) {
  //    0
  //  1   2
  //    3
  const auto positions = layered_layout(4, {{0, 1}, {0, 2}, {1, 3}, {2, 3}});
  EXPECT_EQ(positions[1].layer, 1u);
  EXPECT_EQ(positions[2].layer, 1u);
  EXPECT_EQ(positions[3].layer, 2u);
  EXPECT_GE(std::abs(positions[1].across - positions[2].across), 1 - 1e-9);
  const double middle = (positions[1].across + positions[2].across) / 2;
  EXPECT_NEAR(positions[0].across, middle, 1e-9);
  EXPECT_NEAR(positions[3].across, middle, 1e-9);
}

TEST(LayeredLayout, ALayerIsTheLongestPath) {
  const auto positions = layered_layout(4, {{0, 1}, {1, 2}, {2, 3}, {0, 3}});
  EXPECT_EQ(positions[3].layer, 3u);
}

TEST(LayeredLayout, WhatReadsNothingStandsJustBeforeItsReader) {
  // Node 3 makes a constant that only node 4 reads.
  const auto positions = layered_layout(5, {{0, 1}, {1, 2}, {2, 4}, {3, 4}});
  EXPECT_EQ(positions[4].layer, 3u);
  EXPECT_EQ(positions[3].layer, 2u);
}

TEST(LayeredLayout, NoNodesNoEdgesAndBackwardEdges) {
  EXPECT_TRUE(layered_layout(0, {}).empty());
  EXPECT_EQ(layered_layout(2, {}).size(), 2u);
  const auto positions = layered_layout(2, {{1, 0}, {0, 7}});
  EXPECT_EQ(positions[0].layer, positions[1].layer);
}

// 3,000 nodes of a network with skips and branches: edges lead down, nodes do not overlap, and the
// same input gives the same drawing.
TEST(LayeredLayout, ALargeNetworkDoesNotOverlap) {
  constexpr std::size_t kNodes = 3000;
  Edges edges;
  for (std::size_t i = 1; i < kNodes; ++i) {
    edges.emplace_back(i - 1 - (i % 4 == 0 && i > 4 ? 2 : 0), i);
    if (i % 7 == 0 && i > 12) edges.emplace_back(i - 12, i);
  }
  const auto positions = layered_layout(kNodes, edges);
  for (const auto& [from, to] : edges) EXPECT_LT(positions[from].layer, positions[to].layer);
  std::map<std::size_t, std::vector<double>> layers;
  for (const NodePosition& position : positions) layers[position.layer].push_back(position.across);
  for (auto& [layer, across] : layers) {
    std::sort(across.begin(), across.end());
    for (std::size_t i = 1; i < across.size(); ++i) {
      EXPECT_GE(across[i] - across[i - 1], 1 - 1e-6) << "layer " << layer;
    }
  }
  EXPECT_EQ(positions, layered_layout(kNodes, edges));
}

}  // namespace
}  // namespace octavo
