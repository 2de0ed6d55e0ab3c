// A model whose inputs or outputs are codes, run as if they were numbers: for comparing it with the
// float model on the same data.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "octavo/executor.h"

namespace octavo {

// What `model` takes for these numbers, by the scales in its metadata.
std::vector<Tensor> as_fed(const Model& model, std::span<const Tensor> numbers);

// `count` of them, as Executor::load_shared() makes them; the runtime's own sessions where no input
// or output is codes.
std::vector<std::unique_ptr<Session>> load_in_numbers(const Executor& executor, const Model& model,
                                                      const SessionOptions& options,
                                                      std::size_t count);

}  // namespace octavo
