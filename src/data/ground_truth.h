// What an .npz says of its samples beyond one class: boxes, label maps, sets of labels.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "data/npz.h"
#include "octavo/dataset.h"

namespace octavo {

// Names of what may be said, sorted: "boxes", ...
std::vector<std::string> truth_meanings();

struct TruthRequest {
  std::map<std::string, std::string> arrays;  // by meaning, as a recipe names them
  std::vector<std::string> taken;             // arrays that feed the model
  std::size_t samples = 0;                    // stored
  std::span<const std::size_t> rows;          // of these, to read
};

// By meaning, the rows of each array. One that the request does not name is taken if it is called
// as its meaning and fits it; one that it names must fit. Throws Error(kInvalidData), naming file,
// array, shape and what is expected.
std::map<std::string, Tensor> read_truth(const Npz& npz, const TruthRequest& request);

}  // namespace octavo
