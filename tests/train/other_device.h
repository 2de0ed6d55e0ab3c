// A device that is not the processor, where there is no GPU: libtorch's PrivateUse1, made of the
// processor's kernels. As on a GPU,
// - no operator takes tensors of both (of the processor, single numbers without axes are taken),
// - nothing but a copy reads the device's memory: its addresses are none of the processor's,
// - a number that is read back makes the processor wait, so it is counted.
#pragma once

#include <cstdint>

#include "train/torch.h"

namespace octavo::testing {

at::Device other_device();

// Numbers read back so far: what at::Tensor::item() and the like do.
std::int64_t numbers_read_back();

// While it lives every number after the next so many that is read back throws, as if the device
// were lost.
class DeviceLoss {
 public:
  explicit DeviceLoss(std::int64_t numbers);
  ~DeviceLoss();
  DeviceLoss(const DeviceLoss&) = delete;
  DeviceLoss& operator=(const DeviceLoss&) = delete;
};

}  // namespace octavo::testing
