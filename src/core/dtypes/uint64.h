// uint64: never a code; graphs carry it.
#pragma once

#include <cstdint>

#include "core/dtypes/integer.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kUint64 = integer_traits<std::uint64_t>(DType::kUint64, "uint64");

}  // namespace octavo::dtypes
