// The calibration samples: how fast ranges settle, and which samples set them.
#pragma once

#include <cstddef>

#include "octavo/dataset.h"
#include "octavo/statistics.h"
#include "report/json_value.h"

namespace octavo {

// samples.json. `data`, which the statistics were made of, may be null: then no names and pictures.
Json samples_json(const Statistics& statistics, const Dataset* data);

}  // namespace octavo
