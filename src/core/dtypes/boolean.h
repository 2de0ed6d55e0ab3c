// bool: one byte an element. As in ONNX's Cast everything but zero, NaN too, is true.
#pragma once

#include <cstddef>

#include "octavo/dtype.h"

namespace octavo::dtypes {

struct BoolCodec {
  static double decode(const std::byte* data, std::size_t index) {
    return data[index] != std::byte{0} ? 1.0 : 0.0;
  }
  static void encode(std::byte* data, std::size_t index, double value) {
    data[index] = value != 0 ? std::byte{1} : std::byte{0};
  }
};

inline constexpr DTypeTraits kBool = {.dtype = DType::kBool,
                                      .name = "bool",
                                      .kind = DTypeKind::kOther,
                                      .bits = 8,
                                      .lowest = 0,
                                      .highest = 1,
                                      .decode = BoolCodec::decode,
                                      .encode = BoolCodec::encode};

}  // namespace octavo::dtypes
