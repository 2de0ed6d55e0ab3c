// A hash of what a dataset holds.
#pragma once

#include <cstdint>

#include "octavo/dataset.h"

namespace octavo {

// Of every sample's bytes and label, in order: the same at any number of threads.
std::uint64_t fingerprint(const Dataset& dataset, int threads);

}  // namespace octavo
