#include "search/clusters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace octavo {
namespace {

TEST(Cluster, SeparatedGroupsAreFound) {
  Points points;
  for (int i = 0; i < 30; ++i) {
    const auto near = static_cast<float>(i % 3) * 0.1F;
    points.push_back({static_cast<float>(i / 10) * 100 + near, near});
  }
  for (const std::uint64_t seed : {0U, 1U, 2U, 3U}) {
    const Clusters clusters = cluster(points, 3, seed);
    for (std::size_t i = 0; i < points.size(); ++i) {
      EXPECT_EQ(clusters.cluster_of[i], clusters.cluster_of[i / 10 * 10]) << seed;
    }
    const std::set<std::size_t> distinct(clusters.cluster_of.begin(), clusters.cluster_of.end());
    EXPECT_EQ(distinct.size(), 3u) << seed;
  }
}

TEST(Cluster, CentresAreTheMeansOfTheirPointsAndNoneIsNearer) {
  std::mt19937 random(1);
  Points points(200, std::vector<float>(5));
  for (auto& point : points) {
    for (float& value : point) value = static_cast<float>(random() % 1000) / 100;
  }
  const Clusters clusters = cluster(points, 7, 9);
  ASSERT_EQ(clusters.centres.size(), 7u);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double own = squared_distance(points[i], clusters.centres[clusters.cluster_of[i]]);
    for (const auto& centre : clusters.centres) {
      EXPECT_LE(own, squared_distance(points[i], centre) + 1e-4);
    }
  }
}

TEST(Cluster, AsManyClustersAsPointsAndPointsThatCoincide) {
  const Points distinct = {{0}, {1}, {2}, {3}};
  const Clusters each = cluster(distinct, 4, 5);
  const std::set<std::size_t> own(each.cluster_of.begin(), each.cluster_of.end());
  EXPECT_EQ(own.size(), 4u);
  const Clusters same = cluster(Points(5, {7.0F}), 3, 5);
  EXPECT_EQ(same.centres.size(), 3u);
  for (const auto& centre : same.centres) EXPECT_EQ(centre[0], 7);
}

TEST(Cluster, TheSameSeedGivesTheSameClusters) {
  Points points;
  for (int i = 0; i < 50; ++i) points.push_back({static_cast<float>(i * i % 17), 1.0F});
  EXPECT_EQ(cluster(points, 5, 3).cluster_of, cluster(points, 5, 3).cluster_of);
}

}  // namespace
}  // namespace octavo
