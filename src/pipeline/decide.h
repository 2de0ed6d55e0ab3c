// The beginning that quantizing, analyzing and inspecting share.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/model.h"
#include "octavo/quantize.h"
#include "octavo/statistics.h"
#include "placement/placement.h"
#include "placement/profile.h"
#include "repair/expected_means.h"

namespace octavo {

// What is decided before any number is known.
struct Decided {
  Model model;  // prepared
  Profile profile;
  Placement placement;
  ExpectedMeans expected = {};  // of the model as it was given, where a repair wants them
};

// Throws Error(kInvalidArgument) unless the mode is static.
Decided decide(const Model& model, const QuantizeOptions& options);
// The same for a model that is prepared already.
Decided decide_prepared(Model prepared, const QuantizeOptions& options);

// The model that decisions are made on.
Model prepared(const Model& model, const QuantizeOptions& options, int opset);

// What BatchNormalizations tell of the tensors of `given`, if one of options.repairs goes by that;
// tensors keep their names in the preparation.
ExpectedMeans wanted_means(const Model& given, const QuantizeOptions& options, int opset);

// Observes `tensors` of `model`.
Statistics calibrate_tensors(const Model& model, std::span<const std::string> tensors,
                             const Dataset& data, const QuantizeOptions& options);
// Those of the placement.
Statistics calibrate_decided(const Decided& decided, const Dataset& data,
                             const QuantizeOptions& options);

// Throws Error(kInvalidArgument) if `statistics` were made of another model.
void require_statistics_of(const Decided& decided, const Statistics& statistics);

// The target's own runtime is built in, and says here what it would say there.
bool has_runtime_here(const Profile& profile);
// That runtime, and those of the targets merged with it that are built in too. Empty where the
// first is not here.
std::vector<std::string> runtimes_here(const Profile& profile);
// That runtime, or the one that stands in for it.
std::unique_ptr<Executor> executor_for(const Profile& profile);

}  // namespace octavo
