#include "repair/observer.h"

#include <algorithm>
#include <atomic>

#include "core/parallel_for.h"

namespace octavo {

Observer::Observer(const Model& model, std::span<const std::string> tensors,
                   const Executor& executor, int threads) {
  SessionOptions options;
  options.outputs.assign(tensors.begin(), tensors.end());
  sessions_ = executor.load_shared(model, options, static_cast<std::size_t>(std::max(threads, 1)));
}

void Observer::observe(const Dataset& data, std::size_t first, std::size_t last,
                       const Visitor& visit) {
  std::atomic<std::size_t> next_session = 0;
  parallel_for(last - first, static_cast<int>(sessions_.size()), [&]() -> Round {
    Session* session = sessions_[next_session++].get();
    return [&, session](std::size_t i) {
      const Sample sample = data.at(first + i);
      session->run(sample.inputs, [&](std::size_t tensor, const TensorView& values) {
        visit(first + i, tensor, values);
      });
    };
  });
}

}  // namespace octavo
