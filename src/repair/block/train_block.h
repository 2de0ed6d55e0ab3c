// Learns the rounding of a block's weights, the steps of its activations and its biases together,
// so that its output comes near to the float network's.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "octavo/tensor.h"
#include "repair/block/block_network.h"

namespace octavo {

struct BlockTrainingOptions {
  int iterations = 150;
  std::size_t batch = 16;  // samples an iteration
  std::uint64_t seed = 0;
  int threads = 1;
};

// One block, and what is known of its layers.
struct BlockTask {
  const BlockNetwork& network;
  std::vector<Tensor> exact_weights;  // by layer, float
  std::vector<QuantParams> params;    // of the weights, by layer: integer codes
  BlockValues start;                  // weights are values of codes
};

struct TrainedBlock {
  BlockValues values;  // weights are values of codes again; the start's where nothing was gained
  // Mean squared errors on the samples held out.
  double before = 0;
  double after = 0;
};

// Every fourth sample is held out and only judges. Each iteration takes `batch` others. The error
// counts relative to what it was, so that no rate depends on the network's units. Of what was
// learned, all is taken, or steps and biases alone, or nothing, as the samples held out say. The
// same at any number of threads. At least two samples.
// Source: Li et al. 2021 (arXiv 2102.05426), algorithm 1, with its block's error unweighted; the
// rounding as in Nagel et al. 2020 (arXiv 2004.10568), the steps as in Esser et al. 2020 (arXiv
// 1902.08153).
TrainedBlock train_block(const BlockTask& task, std::span<const BlockSample> samples,
                         const BlockTrainingOptions& options);

}  // namespace octavo
