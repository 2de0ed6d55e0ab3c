// Mixed precision: convolutions and products of matrices in fewer bits than the rest.
#pragma once

#include <string>

#include "train/torch.h"

namespace octavo {

enum class Precision { kFloat32, kBfloat16 };

// Throws Error(kInvalidArgument) for an unknown word, and for one that the device has no use for.
Precision parse_precision(const std::string& word, at::Device device);

// While it lives, libtorch casts the inputs of what gains by it to that precision ("autocast").
// Rounding to codes stays in float32: fake_quantize() sees to that.
class Autocast {
 public:
  Autocast(Precision precision, at::Device device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool enabled_;
  at::DeviceType device_;
};

}  // namespace octavo
