// int4: codes of weights, two a byte.
#pragma once

#include "core/dtypes/nibble.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kInt4 = nibble_traits</*kSigned=*/true>(DType::kInt4, "int4");

}  // namespace octavo::dtypes
