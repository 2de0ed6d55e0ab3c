#include "train/batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "octavo/error.h"
#include "train/sample_order.h"

namespace octavo {
namespace {

enum Purpose : std::uint64_t { kDown, kRight, kMirror };

ImageShift random_shift(const Augmentation& augmentation, std::size_t sample) {
  const auto share = [&](Purpose purpose) {
    return random_share(augmentation.seed, augmentation.epoch, sample, purpose);
  };
  const auto pixels = [&](Purpose purpose) {
    return static_cast<int>(share(purpose) * (2 * augmentation.crop + 1)) - augmentation.crop;
  };
  return {pixels(kDown), pixels(kRight), share(kMirror) < augmentation.flip};
}

Tensor room_for(const Tensor& tensor, std::size_t count) {
  Shape shape = tensor.shape();
  shape.front() *= static_cast<std::int64_t>(count);
  return {tensor.dtype(), std::move(shape)};
}

void place(const Tensor& part, std::size_t index, std::size_t count, const std::string& sample,
           Tensor& whole) {
  if (part.bytes().size() * count != whole.bytes().size()) {
    throw Error(
        ErrorCode::kInvalidData,
        fmt::format("{}: shape {} differs from that of the other samples; a batch needs one",
                    sample, to_string(part.shape())));
  }
  const auto bytes = part.bytes();
  std::memcpy(whole.mutable_bytes().data() + index * bytes.size(), bytes.data(), bytes.size());
}

}  // namespace

Batch make_batch(const Dataset& data, std::span<const std::size_t> samples,
                 const Augmentation& augmentation) {
  Batch batch;
  batch.samples.assign(samples.begin(), samples.end());
  batch.whole_samples = samples.size();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Sample sample = data.at(samples[i]);
    if (augmentation.layout) {
      Tensor& image = sample.inputs.front();
      image = shifted(image, *augmentation.layout, random_shift(augmentation, samples[i]));
    }
    for (std::size_t j = 0; j < sample.inputs.size(); ++j) {
      if (i == 0) batch.inputs.push_back(room_for(sample.inputs[j], samples.size()));
      place(sample.inputs[j], i, samples.size(), sample.name, batch.inputs[j]);
    }
    if (sample.label) batch.labels.push_back(*sample.label);
  }
  if (batch.labels.size() != samples.size()) batch.labels.clear();
  return batch;
}

BatchReader::BatchReader(const Dataset& data, std::vector<std::size_t> samples, BatchShape shape,
                         const Augmentation& augmentation, std::size_t loaders)
    : data_(data),
      samples_(std::move(samples)),
      shape_(shape),
      augmentation_(augmentation),
      loaders_(loaders) {}

// A future of std::async waits for its thread, so that no thread outlives the dataset.
BatchReader::~BatchReader() = default;

std::size_t BatchReader::batches() const {
  const std::size_t whole = shape_.size * shape_.ranks;
  return (samples_.size() + whole - 1) / whole;
}

void BatchReader::skip(std::size_t count) { started_ += count; }

Batch BatchReader::read(std::size_t index) const {
  const std::size_t whole = shape_.size * shape_.ranks;
  const std::size_t first = index * whole;
  const std::size_t end = std::min(first + whole, samples_.size());
  const std::size_t own = std::min(first + shape_.rank * shape_.size, end);
  const std::size_t count = std::min(shape_.size, end - own);
  Batch batch = make_batch(data_, std::span(samples_).subspan(own, count), augmentation_);
  batch.whole_samples = end - first;
  return batch;
}

void BatchReader::read_ahead() {
  while (ahead_.size() <= loaders_ && started_ < batches()) {
    ahead_.push_back(
        std::async(std::launch::async, [this, index = started_] { return read(index); }));
    ++started_;
  }
}

std::optional<Batch> BatchReader::next() {
  read_ahead();
  if (ahead_.empty()) return std::nullopt;
  Batch batch = ahead_.front().get();
  ahead_.pop_front();
  read_ahead();
  return batch;
}

}  // namespace octavo
