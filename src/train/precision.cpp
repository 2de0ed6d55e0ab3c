#include "train/precision.h"

#include <ATen/autocast_mode.h>
#include <fmt/format.h>

#include "octavo/error.h"

namespace octavo {

Precision parse_precision(const std::string& word, at::Device device) {
  if (word == "float32") return Precision::kFloat32;
  if (word == "bfloat16") return Precision::kBfloat16;
  const char* why = word == "float16" ? "; float16 has too few exponents for gradients" : "";
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("precision '{}' on {}, expected float32 or bfloat16{}", word,
                          c10::DeviceTypeName(device.type(), /*lower_case=*/true), why));
}

Autocast::Autocast(Precision precision, at::Device device)
    : enabled_(precision != Precision::kFloat32), device_(device.type()) {
  if (!enabled_) return;
  at::autocast::increment_nesting();
  at::autocast::set_autocast_dtype(device_, at::kBFloat16);
  at::autocast::set_autocast_enabled(device_, true);
}

Autocast::~Autocast() {
  if (!enabled_) return;
  at::autocast::set_autocast_enabled(device_, false);
  // Weights change before the next step: what was cast of them is of no more use.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
}

}  // namespace octavo
