#include "runtime/openvino/profile.h"

#include <utility>

namespace octavo {

void OpenvinoProfile::add(const ov::InferRequest& request, std::int64_t runs) {
  if (runs == 0) return;
  for (const ov::ProfilingInfo& node : request.get_profiling_info()) {
    if (node.status != ov::ProfilingInfo::Status::EXECUTED) continue;
    const auto [entry, added] = index_.emplace(node.node_name, times_.size());
    if (added) times_.push_back({node.node_name, node.node_type, 0, 0});
    NodeTime& time = times_[entry->second];
    const auto before = static_cast<double>(time.calls);
    time.calls += runs;
    const double total =
        before * time.microseconds + static_cast<double>(node.real_time.count() * runs);
    time.microseconds = total / static_cast<double>(time.calls);
  }
}

std::vector<NodeTime> OpenvinoProfile::take(const SourceNames& names) {
  index_.clear();
  for (NodeTime& time : times_) time.source = names.find(time.name);
  return std::exchange(times_, {});
}

}  // namespace octavo
