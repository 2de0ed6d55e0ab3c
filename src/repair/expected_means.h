// What the channels of a network hold on average, from what its BatchNormalizations know: no data.
//
// A BatchNormalization learned the mean and the deviation of each channel that it makes: beta and
// |gamma|. With that as a normal variable, what an activation makes of it follows:
//
//   E[Clip(x, a, b)] = integral of Clip(x, a, b) N(x; beta, gamma^2)
//
// by quadrature, for every operator that works element by element, and for what is put together
// of the same variable (x * Sigmoid(x), x * Clip(x + 3, 0, 6) / 6). Of different variables, taken
// as independent, means and variances add up in an Add, and means multiply in a Mul. A pool over
// averages keeps the mean and loses the deviation: behind it only what is linear can be told.
// Source: Nagel et al. 2019 (arXiv 1906.04721), section 4.2.1 and appendix C, which has the Clip in
// closed form.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"

namespace octavo {

// By tensor, one mean a channel; tensors of which not every channel's is known are missing.
using ExpectedMeans = std::map<std::string, std::vector<double>, std::less<>>;

// `graph` is as its author gave it, its BatchNormalizations not yet folded, its constants
// initializers.
ExpectedMeans expected_means(const Graph& graph);

// E[f(x)] and the deviation of f(x) for a normal x are sums over these points: weight times what f
// makes of mean + deviation * point.
struct NormalPoint {
  double point = 0;
  double weight = 0;
};
const std::vector<NormalPoint>& normal_points();

}  // namespace octavo
