// int64: never a code; shapes and indices.
#pragma once

#include <cstdint>

#include "core/dtypes/integer.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kInt64 = integer_traits<std::int64_t>(DType::kInt64, "int64");

}  // namespace octavo::dtypes
