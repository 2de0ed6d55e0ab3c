#include "pipeline/moved_statistics.h"

#include <utility>

#include "calibration/tensor_statistics.h"

namespace octavo {

Statistics with_moved_tensors(const Statistics& statistics, const Placement& widest,
                              const Placement& narrower) {
  Statistics result = statistics;
  for (const std::string& tensor : narrower.observed_tensors()) {
    if (result.contains(tensor)) continue;
    const QuantizedActivation* before = widest.activation(tensor);
    if (before == nullptr) continue;
    TensorStatistics moved;
    for (const std::string& entry : widest.groups[before->group].observed) {
      moved.merge(statistics.at(entry));
    }
    result.tensors()[tensor] = std::move(moved);
  }
  return result;
}

}  // namespace octavo
