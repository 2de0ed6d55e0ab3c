// A dataset that remembers what was read from it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "octavo/dataset.h"

namespace octavo {

// Passes everything on, and hashes each sample's inputs as they go by: what a network was really
// fed, whatever files, recipes and decoders it came through.
class HashedDataset final : public Dataset {
 public:
  explicit HashedDataset(std::unique_ptr<Dataset> dataset)
      : dataset_(std::move(dataset)), hashes_(dataset_->size(), 0) {}

  std::size_t size() const override { return dataset_->size(); }
  bool labelled() const override { return dataset_->labelled(); }
  Sample at(std::size_t index) const override;

  // Over the samples that were read, in the order of the dataset. "xxh64:..."; empty: none was.
  std::string hash() const;

 private:
  std::unique_ptr<Dataset> dataset_;
  // One slot a sample: threads read different ones, and a sample read twice has the same hash.
  mutable std::vector<std::uint64_t> hashes_;
};

}  // namespace octavo
