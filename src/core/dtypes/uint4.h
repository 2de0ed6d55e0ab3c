// uint4: codes of weights, two a byte.
#pragma once

#include "core/dtypes/nibble.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kUint4 = nibble_traits</*kSigned=*/false>(DType::kUint4, "uint4");

}  // namespace octavo::dtypes
