// What an .npz says of its samples beyond one class: boxes, label maps, sets of labels.
#pragma once

#include <cstddef>
#include <cstdint>
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
  std::int64_t label_offset = 0;              // added to every class
  std::span<const std::size_t> rows;          // of these, to read
};

// By meaning, the rows of each array. One that the request does not name is taken if it is called
// as its meaning and fits it; one that it names must fit. The offset shifts the numbers in
// `classes` and `label_map`, other than those that say "none": below 0, and 255 in a label map.
// Throws Error(kInvalidData), naming file, array, shape or value and what is expected, also where
// an offset cannot be meant: for a `label_set`, whose columns are the classes.
std::map<std::string, Tensor> read_truth(const Npz& npz, const TruthRequest& request);

}  // namespace octavo
