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
  std::size_t whole_samples = 0;     // of this process and all others
};

// What a batch is made of: `size` samples for each of `ranks` processes, of which this one, number
// `rank`, reads its own.
struct BatchShape {
  std::size_t size = 64;
  std::size_t rank = 0;
  std::size_t ranks = 1;
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
// batch may be smaller, and without any sample for the last ranks.
class BatchReader {
 public:
  BatchReader(const Dataset& data, std::vector<std::size_t> samples, BatchShape shape,
              const Augmentation& augmentation, std::size_t loaders);
  ~BatchReader();
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  std::size_t batches() const;
  // Leaves out the next `count`.
  void skip(std::size_t count);
  // Whether there is another.
  bool has_next() const { return !ahead_.empty() || started_ < batches(); }
  // Nothing after the last one. Throws what reading a sample threw.
  std::optional<Batch> next();

 private:
  void read_ahead();
  Batch read(std::size_t index) const;

  const Dataset& data_;
  std::vector<std::size_t> samples_;
  BatchShape shape_;
  Augmentation augmentation_;
  std::size_t loaders_;
  std::size_t started_ = 0;
  std::deque<std::future<Batch>> ahead_;
};

}  // namespace octavo
