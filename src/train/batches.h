// Samples stacked into batches, by threads of their own, ahead of the training.
#pragma once

#include <deque>
#include <future>
#include <optional>
#include <span>
#include <vector>

#include "octavo/dataset.h"
#include "train/augmentation.h"

namespace octavo {

struct Batch {
  std::vector<Tensor> inputs;        // in the order of the model's inputs, the batch first
  std::vector<std::int64_t> labels;  // empty where the data have none
  std::vector<std::size_t> samples;  // positions in the dataset
};

// How images are changed; nothing by default.
struct Augmentation {
  std::optional<ImageLayout> layout;  // none: samples stay as they are
  int crop = 0;                       // pixels
  double flip = 0;                    // probability
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
};

// Throws Error(kInvalidData), naming the sample, if shapes differ.
Batch make_batch(const Dataset& data, std::span<const std::size_t> samples,
                 const Augmentation& augmentation);

// The batches of a pass over `samples`, in that order, whatever the number of threads. The last
// batch may be smaller.
class BatchReader {
 public:
  BatchReader(const Dataset& data, std::vector<std::size_t> samples, std::size_t batch_size,
              const Augmentation& augmentation, std::size_t loaders);
  ~BatchReader();
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  std::size_t batches() const;
  // Leaves out the next `count`.
  void skip(std::size_t count);
  // Nothing after the last one. Throws what reading a sample threw.
  std::optional<Batch> next();

 private:
  void read_ahead();

  const Dataset& data_;
  std::vector<std::size_t> samples_;
  std::size_t batch_size_;
  Augmentation augmentation_;
  std::size_t loaders_;
  std::size_t started_ = 0;
  std::deque<std::future<Batch>> ahead_;
};

}  // namespace octavo
