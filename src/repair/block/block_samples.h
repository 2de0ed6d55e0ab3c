// What a block is learned from: its inputs and its output, for a few samples, in bounded memory.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "octavo/model.h"
#include "repair/block/block_network.h"
#include "repair/staged_run.h"

namespace octavo {

// Where both networks stand by now.
struct BlockRuns {
  const StagedRun& quantized;
  const Model& quantized_model;
  const StagedRun& reference;
  const Model& reference_model;
};

// As many samples as fit into `most_bytes`, evenly spread, but two at the least.
std::vector<BlockSample> block_samples(const BlockRuns& runs, const BlockNetwork& network,
                                       std::size_t most_bytes);

}  // namespace octavo
