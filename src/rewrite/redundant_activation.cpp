#include "rewrite/redundant_activation.h"

namespace octavo {

bool is_redundant_before(const Range& bounds, ScaleZeroPoint params, CodeRange codes) {
  const auto code_of = [&](double x) { return quantize(static_cast<float>(x), params, codes); };
  return code_of(bounds.min) == codes.min && code_of(bounds.max) == codes.max;
}

}  // namespace octavo
