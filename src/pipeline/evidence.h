// What a quantization's decisions rest on, for those that explain them afterwards.
#pragma once

#include "octavo/dataset.h"
#include "octavo/model.h"
#include "octavo/statistics.h"
#include "placement/placement.h"
#include "placement/profile.h"
#include "plan/plan.h"

namespace octavo {

// Valid only while QuantizeOptions::explain runs.
struct Evidence {
  const Model& prepared;
  const Profile& profile;
  const Placement& placement;  // the widest that the target allows
  const Statistics& statistics;
  const Plan& plan;  // what was chosen
  const Model& quantized;
  const Sample& sample;           // of the calibration data; zeros where there are only statistics
  const Model& unrepaired;        // `prepared` before repairs changed its weights
  const Dataset* data = nullptr;  // the calibration data as `prepared` takes them; null: none
};

}  // namespace octavo
