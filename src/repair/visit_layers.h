// Goes through the layers of a model under repair, from the input on, and shows of each what it
// reads by then, the layers before it already repaired.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "octavo/repair.h"
#include "repair/input_moments.h"
#include "repair/layer_waves.h"
#include "repair/repaired.h"
#include "repair/staged_run.h"

namespace octavo {

// Returns why it leaves the layer as it is; nothing where it does not.
using LayerVisitor = std::function<std::optional<std::string>(
    const std::string& node, const std::vector<InputMoments>& moments)>;

// Where both networks stand while a repair goes through them.
struct BothStages {
  StagedRun quantized;
  StagedRun reference;

  explicit BothStages(const RepairTask& task)
      : quantized(task.data, task.executor, task.threads),
        reference(task.data, task.executor, task.threads) {}
};

// `current` is the quantized model as it is by now, or one that computes what it does; its layers
// have the names of those in `task.reference`. Returns what stays as it is, and why: refusals of
// `layers` and of `visit`, windows that cannot be taken apart, and inputs too wide for second
// moments.
std::vector<RepairNote> visit_layers(const RepairTask& task, const LayerWaves& layers,
                                     const std::function<Model()>& current,
                                     const LayerVisitor& visit);
// The same in `stages`, which may have come a part of the way; the layers of `behind` come later.
std::vector<RepairNote> visit_layers(const RepairTask& task, const LayerWaves& layers,
                                     const std::function<Model()>& current,
                                     const LayerVisitor& visit, BothStages& stages,
                                     const std::set<std::string, std::less<>>& behind);

}  // namespace octavo
