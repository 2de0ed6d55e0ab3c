// Goes through the layers of a model under repair, from the input on, and shows of each what it
// reads by then, the layers before it already repaired.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "octavo/repair.h"
#include "repair/input_moments.h"
#include "repair/layer_waves.h"
#include "repair/repaired.h"

namespace octavo {

using LayerVisitor =
    std::function<void(const std::string& node, const std::vector<InputMoments>& moments)>;

// `current` is the quantized model as it is by now, or one that computes what it does; its layers
// have the names of those in `task.reference`. Returns what was not visited, and why: refusals of
// `layers`, windows that cannot be taken apart, and inputs too wide for second moments.
std::vector<RepairNote> visit_layers(const RepairTask& task, const LayerWaves& layers,
                                     const std::function<Model()>& current,
                                     const LayerVisitor& visit);

}  // namespace octavo
