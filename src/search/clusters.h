// Groups of points that lie close together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace octavo {

// Rows of equal length.
using Points = std::vector<std::vector<float>>;

double squared_distance(const std::vector<float>& a, const std::vector<float>& b);

struct Clusters {
  Points centres;
  std::vector<std::size_t> cluster_of;  // one a point
};

// k-means: seeds by k-means++ (Arthur and Vassilvitskii, 2007), then Lloyd's iterations until
// nothing moves, at most 100. 1 <= count <= points.size(). No cluster is empty unless points
// coincide.
Clusters cluster(const Points& points, std::size_t count, std::uint64_t seed);

}  // namespace octavo
