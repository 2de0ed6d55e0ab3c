// Fourier transforms. ONNX has complex numbers as a last axis of two.
#include "model/attributes.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

// A last axis of one is real numbers.
at::Tensor as_complex(const at::Tensor& x) {
  if (x.size(-1) == 2) return at::view_as_complex(x.contiguous());
  const at::Tensor real = x.squeeze(-1);
  return at::complex(real, at::zeros_like(real));
}

// Of a real signal the other half says the same.
at::Tensor one_side(const at::Tensor& spectrum, std::int64_t axis) {
  return spectrum.narrow(axis, 0, spectrum.size(axis) / 2 + 1);
}

// The axis is an attribute before opset 20.
Forward transform(const OperatorNode& node) {
  const bool inverts = int_attribute(node.proto, "inverse", 0) != 0;
  const bool halves = int_attribute(node.proto, "onesided", 0) != 0;
  if (inverts && halves) refuse(node, "the inverse of one side");
  const bool by_input = node.opset >= 20;
  const std::int64_t stated = int_attribute(node.proto, "axis", by_input ? -2 : 1);
  return [=](const Values& inputs) -> Values {
    const at::Tensor given = by_input ? input_at(inputs, 2) : at::Tensor();
    const std::int64_t axis =
        axis_of(given.defined() ? to_ints(given).at(0) : stated, inputs[0].dim());
    const at::Tensor length = input_at(inputs, 1);
    const std::int64_t count = length.defined() ? to_ints(length).at(0) : inputs[0].size(axis);
    const at::Tensor x = as_complex(inputs[0]);
    const at::Tensor spectrum =
        inverts ? at::fft_ifft(x, count, axis) : at::fft_fft(x, count, axis);
    return {at::view_as_real(halves ? one_side(spectrum, axis) : spectrum)};
  };
}

// Of frames that follow each other, each under a window.
Forward short_time_transform(const OperatorNode& node) {
  const bool halves = int_attribute(node.proto, "onesided", 1) != 0;
  return [=](const Values& inputs) -> Values {
    const at::Tensor window = input_at(inputs, 2);
    const at::Tensor stated = input_at(inputs, 3);
    const std::int64_t length = stated.defined() ? to_ints(stated).at(0) : window.size(0);
    const at::Tensor frames = as_complex(inputs[0]).unfold(1, length, to_ints(inputs.at(1)).at(0));
    const at::Tensor seen = window.defined() ? frames * window : frames;
    const at::Tensor spectrum = at::fft_fft(seen, length, -1);
    return {at::view_as_real(halves ? one_side(spectrum, -1) : spectrum)};
  };
}

}  // namespace

std::vector<MappedOperator> spectra_operators() {
  return {{"DFT", transform}, {"STFT", short_time_transform}};
}

}  // namespace octavo
