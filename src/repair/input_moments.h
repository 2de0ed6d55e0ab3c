// First and second moments of what a layer reads: all that its best rounding depends on.
#pragma once

#include <Eigen/Core>
#include <span>
#include <string>
#include <vector>

#include "model/graph.h"
#include "repair/staged_run.h"
#include "repair/unfold.h"

namespace octavo {

// Of one group of a layer, over windows (columns) x of the float network and q of the quantized
// one, at the same places of the same samples.
struct InputMoments {
  Eigen::MatrixXd second;          // mean of q q^T
  Eigen::MatrixXd cross;           // mean of q x^T
  Eigen::VectorXd mean_quantized;  // of q
  Eigen::VectorXd mean_float;      // of x
};

// A layer to look at: where it reads from in either network.
struct MomentsOf {
  Window window;
  std::string quantized_input;
  std::string float_input;
};

struct BothRuns {
  const StagedRun& quantized;
  const Model& quantized_model;
  const StagedRun& reference;
  const Model& reference_model;
};

// One vector a layer, one entry a group. The same at any number of threads. Memory does not grow
// with the number of samples.
std::vector<std::vector<InputMoments>> input_moments(const BothRuns& runs,
                                                     std::span<const MomentsOf> layers);

}  // namespace octavo
