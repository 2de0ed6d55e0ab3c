#include "train/other_device.h"

#include <ATen/EmptyTensor.h>
#include <ATen/autocast_mode.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/alloc_cpu.h>
#include <torch/library.h>

#include <array>
#include <atomic>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>

namespace octavo::testing {
namespace {

// Added to an address, it makes one that no processor can read.
constexpr std::uintptr_t kFar = std::uintptr_t{1} << 62;

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

std::atomic<std::int64_t> read_back = 0;
std::atomic<std::int64_t> lost_at = kNever;

void* shifted(void* address, std::uintptr_t by) {
  return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(address) + by);
}

void free_far(void* address) { c10::free_cpu(shifted(address, -kFar)); }

class FarAllocator : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    void* far = bytes == 0 ? nullptr : shifted(c10::alloc_cpu(bytes), kFar);
    return {far, far, bytes == 0 ? [](void*) {} : free_far, other_device()};
  }
  c10::DeleterFnPtr raw_deleter() const override { return free_far; }
  void copy_data(void*, const void*, std::size_t) const override {
    throw std::logic_error("a storage of the other device was copied as memory");
  }
};

FarAllocator& allocator() {
  static FarAllocator the_one;
  return the_one;
}

at::Tensor empty(c10::IntArrayRef size, std::optional<at::ScalarType> type,
                 std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>,
                 std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, &allocator(),
                                   c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                   c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(c10::IntArrayRef size, c10::IntArrayRef stride,
                         std::optional<at::ScalarType> type, std::optional<at::Layout>,
                         std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, &allocator(),
                                           c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                           c10::dtype_or_default(type));
}

// The same memory as a tensor of the processor's.
at::Tensor near(const at::Tensor& tensor) {
  if (tensor.is_cpu() || tensor.numel() == 0) {
    return tensor.is_cpu() ? tensor : at::empty(tensor.sizes(), tensor.scalar_type());
  }
  return at::from_blob(shifted(tensor.data_ptr(), -kFar), tensor.sizes(), tensor.strides(),
                       at::device(at::kCPU).dtype(tensor.dtype()));
}

at::Tensor copy_from(const at::Tensor& source, const at::Tensor& target, bool) {
  near(target).copy_(near(source));
  return target;
}

// What an operator with a tensor for its result does, whose size is not known before.
at::Tensor copy_from_and_resize(const at::Tensor& source, const at::Tensor& target) {
  if (target.sizes() != source.sizes()) {
    const at::Tensor room = at::empty(source.sizes(), target.options());
    target.unsafeGetTensorImpl()->set_storage_keep_dtype(room.storage());
    target.unsafeGetTensorImpl()->set_sizes_contiguous(source.sizes());
  }
  return copy_from(source, target, false);
}

at::Scalar number_of(const at::Tensor& tensor) {
  if (read_back >= lost_at) throw std::runtime_error("the other device is lost");
  ++read_back;
  return near(tensor).item();
}

// Throws where an operator is given tensors of the device beside others that are not.
class DeviceCheck {
 public:
  void look_at(const at::Tensor& tensor) {
    if (!tensor.defined()) return;
    far_ |= !tensor.is_cpu();
    close_ |= tensor.is_cpu() && tensor.dim() > 0;
  }
  void finish(const std::string& op) const {
    if (!far_ || !close_) return;
    throw std::runtime_error(op + ": tensors of the device and of the processor");
  }

 private:
  bool far_ = false;
  bool close_ = false;
};

void check_devices(const std::string& op, std::initializer_list<at::Tensor> tensors) {
  DeviceCheck check;
  for (const at::Tensor& tensor : tensors) check.look_at(tensor);
  check.finish(op);
}

void check_devices(const c10::OperatorHandle& op, const torch::jit::Stack& stack) {
  DeviceCheck check;
  for (const c10::IValue& argument : torch::jit::last(stack, op.schema().arguments().size())) {
    if (argument.isTensor()) check.look_at(argument.toTensor());
    if (!argument.isTensorList()) continue;
    for (const at::Tensor& tensor : argument.toTensorVector()) check.look_at(tensor);
  }
  check.finish(op.operator_name().name);
}

void run_near(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  check_devices(op, *stack);
  at::native::cpu_fallback(op, stack);
}

// Convolutions choose their kernel by the device's name; of others they ask for these two.

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight,
                       const std::optional<at::Tensor>& bias, at::IntArrayRef stride,
                       at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                       at::IntArrayRef output_padding, std::int64_t groups) {
  const at::Tensor far_bias = bias.value_or(at::Tensor());
  check_devices("convolution", {x, weight, far_bias});
  return at::convolution(near(x), near(weight), far_bias.defined() ? near(far_bias) : far_bias,
                         stride, padding, dilation, transposed, output_padding, groups)
      .to(other_device());
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolution_backward(
    const at::Tensor& gradient, const at::Tensor& x, const at::Tensor& weight,
    at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
    at::IntArrayRef output_padding, std::int64_t groups, std::array<bool, 3> wanted) {
  check_devices("convolution_backward", {gradient, x, weight});
  const std::int64_t channels = gradient.size(1);
  const auto [of_x, of_weight, of_bias] =
      at::convolution_backward(near(gradient), near(x), near(weight), channels, stride, padding,
                               dilation, transposed, output_padding, groups, wanted);
  const auto far = [](const at::Tensor& tensor) {
    return tensor.defined() ? tensor.to(other_device()) : tensor;
  };
  return {far(of_x), far(of_weight), far(of_bias)};
}

// One device with one stream: autograd asks for both.
struct OneDevice : c10::impl::NoOpDeviceGuardImpl<c10::DeviceType::PrivateUse1> {
  c10::Device exchangeDevice(c10::Device) const override { return other_device(); }
  c10::Device getDevice() const override { return other_device(); }
  c10::Stream getStream(c10::Device) const noexcept override { return stream(); }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return stream(); }

 private:
  static c10::Stream stream() { return c10::Stream(c10::Stream::DEFAULT, other_device()); }
};

struct Hooks : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  c10::DeviceIndex deviceCount() const override { return 1; }
};

C10_REGISTER_GUARD_IMPL(PrivateUse1, OneDevice)

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", empty);
  library.impl("empty_strided", empty_strided);
  library.impl("as_strided", at::native::as_strided_tensorimpl);
  library.impl("_reshape_alias", at::native::_reshape_alias);
  library.impl("unfold", at::native::unfold);
  library.impl("view", at::native::view);
  library.impl("_copy_from", copy_from);
  library.impl("_copy_from_and_resize", copy_from_and_resize);
  library.impl("_local_scalar_dense", number_of);
  library.impl("convolution_overrideable", convolution);
  library.impl("convolution_backward_overrideable", convolution_backward);
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&run_near>());
}

// Under mixed precision libtorch's own lists say what is cast, as on a GPU.
TORCH_LIBRARY_IMPL(_, AutocastPrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFallthrough());
}

TORCH_LIBRARY_IMPL(aten, AutocastPrivateUse1, m) {
#define OCTAVO_LOWER(...) KERNEL_PRIVATEUSEONE(__VA_ARGS__, lower_precision_fp)
  AT_FORALL_LOWER_PRECISION_FP(OCTAVO_LOWER)
#undef OCTAVO_LOWER
#define OCTAVO_EXACT(...) KERNEL_PRIVATEUSEONE(__VA_ARGS__, fp32)
  AT_FORALL_FP32(OCTAVO_EXACT)
#undef OCTAVO_EXACT
}

}  // namespace

at::Device other_device() {
  static const bool kRegistered = [] {
    static Hooks hooks;
    c10::register_privateuse1_backend("other");
    at::RegisterPrivateUse1HooksInterface(&hooks);
    return true;
  }();
  return {at::kPrivateUse1, static_cast<c10::DeviceIndex>(kRegistered ? 0 : -1)};
}

std::int64_t numbers_read_back() { return read_back; }

DeviceLoss::DeviceLoss(std::int64_t numbers) { lost_at = read_back + numbers; }
DeviceLoss::~DeviceLoss() { lost_at = kNever; }

}  // namespace octavo::testing
