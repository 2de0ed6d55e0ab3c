// uint32: never a code; graphs carry it.
#pragma once

#include <cstdint>

#include "core/dtypes/integer.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kUint32 = integer_traits<std::uint32_t>(DType::kUint32, "uint32");

}  // namespace octavo::dtypes
