// Runs a model whose layers are changed one after the other, without running from the start again:
// what lies before the layers still to be changed is kept, for every sample.
//
//   x -> A -> B -> C -> D        A and B are done, C is looked at: B's codes are kept, and only C
//        done |  C' changes      runs. Then C is done: C runs once more, its codes are kept.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "repair/observer.h"

namespace octavo {

// A copy goes its own way from where it was made.
class StagedRun {
 public:
  // All of it outlives the run.
  StagedRun(const Dataset& data, const Executor& executor, int threads);

  // Keeps what `model` has where the layers of `pending` (by node name) begin: none of what lies
  // before them may change any more. Nothing happens where that would take too much memory.
  void advance(const Model& model, const std::set<std::string, std::less<>>& pending);

  // Shows tensors that are not before what is kept, for all samples.
  void observe(const Model& model, std::span<const std::string> tensors,
               const Observer::Visitor& visit) const;

  // The same in parts, of from_here(): what is loaded serves them all. Until the next advance().
  // Samples must have `more` behind the inputs of from_here().
  Observer observer(const Model& model, std::span<const std::string> tensors,
                    std::span<const TensorInfo> more = {}) const;
  const Dataset& from_here() const { return kept_ == nullptr ? *data_ : *kept_; }

  std::size_t samples() const { return data_->size(); }

 private:
  const Dataset* data_;
  const Executor* executor_;
  int threads_;
  std::shared_ptr<const Dataset> kept_;  // null: nothing yet; copies of the run share it
  std::vector<TensorInfo> inputs_;       // of what is kept, in the order of the samples' inputs
};

// Where the nodes that depend on layers of `pending` begin: the tensors before that they read, as
// codes where there are codes. In graph order.
std::vector<std::string> cut_before(const Graph& graph,
                                    const std::set<std::string, std::less<>>& pending);

}  // namespace octavo
