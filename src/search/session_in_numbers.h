// A model whose inputs or outputs are codes, run as if they were numbers: for comparing it with the
// float model on the same data.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "octavo/executor.h"

namespace octavo {

// What `model` takes for these numbers, by the scales in its metadata.
std::vector<Tensor> as_fed(const Model& model, std::span<const Tensor> numbers);

// The runtime's own session where no input or output is codes.
std::unique_ptr<Session> load_in_numbers(const Executor& executor, const Model& model,
                                         const SessionOptions& options);

}  // namespace octavo
