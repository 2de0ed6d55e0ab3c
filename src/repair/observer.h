// Shows the inner tensors of a model, sample by sample, while it runs.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"

namespace octavo {

class Observer {
 public:
  // Called for several samples at once, but for one sample from one thread.
  using Visitor =
      std::function<void(std::size_t sample, std::size_t tensor, const TensorView& values)>;

  // Loads `model`, for so many threads. Throws Error(kNotFound) for a tensor that it does not have.
  Observer(const Model& model, std::span<const std::string> tensors, const Executor& executor,
           int threads);

  // Runs samples `first` to `last` (excluded). What `visit` throws comes out.
  void observe(const Dataset& data, std::size_t first, std::size_t last, const Visitor& visit);

 private:
  std::vector<std::unique_ptr<Session>> sessions_;
};

// The samples of `whole` at `picks`, in that order.
class PickedDataset final : public Dataset {
 public:
  PickedDataset(const Dataset& whole, std::vector<std::size_t> picks)
      : whole_(whole), picks_(std::move(picks)) {}
  std::size_t size() const override { return picks_.size(); }
  bool labelled() const override { return whole_.labelled(); }
  Sample at(std::size_t index) const override { return whole_.at(picks_[index]); }

 private:
  const Dataset& whole_;
  std::vector<std::size_t> picks_;
};

}  // namespace octavo
