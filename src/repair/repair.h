// The registry behind repairs(): one entry a repair, of one of four kinds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/repair.h"
#include "repair/repaired.h"
#include "repair/repaired_weights.h"

namespace octavo {

enum class Exactness : std::uint8_t {
  kExact,     // computes the same, to float rounding: checked, and refused if it does not
  kMeasured,  // computes nearly the same: what it costs counts as quantization noise
};

// A float model that quantizes better, it is hoped.
struct FloatProposal {
  Model model;
  Exactness exactness = Exactness::kExact;
  std::vector<RepairNote> changes;  // empty: the model is as it was
  std::vector<RepairNote> refusals;
};
// Of task.reference. Several proposals: the best, by measurement, is taken.
using FloatRepair = std::vector<FloatProposal> (*)(const RepairTask& task);

using CodeRepair = RepairResult (*)(const RepairTask& task, Repaired before);

using WeightRepair = WeightRepairResult (*)(const WeightRepairTask& task, RepairedWeights before);

// All of the functions but one are null; of one that needs no data, `propose` is.
struct Repair {
  RepairInfo info;
  FloatRepair propose = nullptr;
  CodeRepair apply = nullptr;
  WeightRepair apply_to_weights = nullptr;
};

// In the order in which they are applied.
std::span<const Repair> all_repairs();

// Those of `names`, in that order. Throws Error(kInvalidArgument) for an unknown name, and for one
// of another mode.
std::vector<Repair> find_repairs(std::span<const std::string> names, Mode mode);

// Throws Error(kInvalidArgument), ending in `lack`, if one of them runs the model on samples.
void require_no_data(std::span<const Repair> repairs, std::string_view lack);

}  // namespace octavo
