// int8: codes of weights and of signed activations.
#pragma once

#include <cstdint>

#include "core/dtypes/integer.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kInt8 = integer_traits<std::int8_t>(DType::kInt8, "int8");

}  // namespace octavo::dtypes
