// Rounds the weights of whole blocks, and learns the steps of the activations in them, so that the
// block's output is the float network's.
//
//   x -> Conv -> Relu -> Conv -> Add -> Relu -> y     one layer at a time, each makes up for what
//    \____________________________/                   the layers before it did to its own input;
//                                                     a block's layers make up for each other
//
// Blocks go from the input on. Each begins with what adaround makes of its layers, with the inputs
// that the blocks before it really give; what a repair before this one did to weights and biases is
// forgotten. Then rounding, steps and biases are learned by gradient descent, each weight keeping
// to the two codes next to it. Samples held out from that say whether anything is gained; if not,
// the block stays as adaround left it. At most 512 MB of a block's inputs and outputs are kept: of
// fewer samples where they are large. Source: Li et al. 2021 (arXiv 2102.05426); layer_blocks.h and
// train_block.h say how blocks are chosen and learned.
//
// Refuses what adaround refuses, codes without even steps, and blocks with an operator that
// block_operator_list.inc does not have.
#pragma once

#include "repair/repaired.h"

namespace octavo {

RepairResult repair_brecq(const RepairTask& task, Repaired before);

}  // namespace octavo
