// Second-order rounding of weights that are stored in blocks: what one weight is off by, the others
// of its channel make up for in the layer's output.
//
//   nearest: q = round(w / scale)          error of the output: (v - w)^T E[x x^T] (v - w), v = q
//   scale after:   q by error feedback, then each code improved while that helps
//
// Unlike adaround, a weight may get any code of its block's scale, not only its two neighbours:
// with a scale for every few weights the best code is often farther away. Layers go from the input
// on; each reads what the layers before it, already rounded, really give it, and aims at what the
// float network computes there. Scales stay as they are, so that the order of rounding is free: by
// falling second moment. Source: Frantar et al. 2022 (arXiv 2210.17323), error_feedback.h; the
// improvement at the end is coordinate descent on the same objective (Behdin et al. 2023,
// QuantEase, arXiv 2309.01885).
//
// Refuses layers whose weights are shared, and ConvTranspose.
#pragma once

#include "repair/repaired_weights.h"

namespace octavo {

WeightRepairResult repair_gptq(const WeightRepairTask& task, RepairedWeights before);

}  // namespace octavo
