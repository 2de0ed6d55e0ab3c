#include "search/clusters.h"

#include <algorithm>
#include <limits>
#include <random>
#include <utility>

namespace octavo {
namespace {

constexpr int kMostIterations = 100;

// The standard's distributions differ between libraries; the engine's numbers do not.
double uniform(std::mt19937_64& random) {
  constexpr double kScale = 1.0 / 9007199254740992.0;  // 2^-53
  return static_cast<double>(random() >> 11U) * kScale;
}

// Each next seed with a probability that grows with its squared distance to those before.
Points seeds(const Points& points, std::size_t count, std::mt19937_64& random) {
  Points centres = {points[random() % points.size()]};
  std::vector<double> distances(points.size(), std::numeric_limits<double>::max());
  while (centres.size() < count) {
    double sum = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      distances[i] = std::min(distances[i], squared_distance(points[i], centres.back()));
      sum += distances[i];
    }
    double left = uniform(random) * sum;
    std::size_t next = 0;
    while (next + 1 < points.size() && (left -= distances[next]) > 0) ++next;
    centres.push_back(points[next]);
  }
  return centres;
}

std::size_t nearest(const std::vector<float>& point, const Points& centres) {
  std::size_t best = 0;
  double distance = std::numeric_limits<double>::max();
  for (std::size_t i = 0; i < centres.size(); ++i) {
    const double candidate = squared_distance(point, centres[i]);
    if (candidate >= distance) continue;
    distance = candidate;
    best = i;
  }
  return best;
}

// A centre without points stays where it is.
void move_centres(const Points& points, Clusters& clusters) {
  const std::size_t dimensions = points[0].size();
  std::vector<std::vector<double>> sums(clusters.centres.size(),
                                        std::vector<double>(dimensions, 0.0));
  std::vector<std::size_t> sizes(clusters.centres.size(), 0);
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::vector<double>& sum = sums[clusters.cluster_of[i]];
    ++sizes[clusters.cluster_of[i]];
    for (std::size_t d = 0; d < dimensions; ++d) sum[d] += static_cast<double>(points[i][d]);
  }
  for (std::size_t c = 0; c < sums.size(); ++c) {
    if (sizes[c] == 0) continue;
    for (std::size_t d = 0; d < dimensions; ++d) {
      clusters.centres[c][d] = static_cast<float>(sums[c][d] / static_cast<double>(sizes[c]));
    }
  }
}

}  // namespace

double squared_distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return sum;
}

Clusters cluster(const Points& points, std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Clusters clusters{seeds(points, count, random), std::vector<std::size_t>(points.size(), 0)};
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    bool moved = false;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const std::size_t best = nearest(points[i], clusters.centres);
      moved = moved || best != clusters.cluster_of[i] || iteration == 0;
      clusters.cluster_of[i] = best;
    }
    if (!moved) break;
    move_centres(points, clusters);
  }
  return clusters;
}

}  // namespace octavo
