// Sums what OpenVINO measures of each node.
#pragma once

#include <openvino/openvino.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "octavo/executor.h"
#include "runtime/source_names.h"

namespace octavo {

class OpenvinoProfile {
 public:
  // Adds `runs` runs of a request that now ends. OpenVINO tells the mean of a node over all runs of
  // its request, in whole microseconds: smaller nodes have no time.
  void add(const ov::InferRequest& request, std::int64_t runs);
  std::vector<NodeTime> take(const SourceNames& names);

 private:
  std::vector<NodeTime> times_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace octavo
