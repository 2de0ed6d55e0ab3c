// Uses the installed package as its users do: the public headers and the library, nothing else.
#include <octavo/quantization.h>
#include <octavo/quantize.h>

#include <iostream>

int main(int argc, char** argv) {
  const octavo::Scheme scheme{octavo::DType::kUint8, octavo::Symmetry::kAsymmetric};
  const auto params = octavo::choose_params({0, 2.55}, scheme);
  const auto code = octavo::quantize(1.0F, params, octavo::code_range(scheme));
  if (code != 100) {
    std::cerr << "1.0 in steps of 0.01 is " << code << ", expected 100\n";
    return 1;
  }
  if (argc < 2) return 0;
  const octavo::Model model = octavo::read_model(argv[1]);
  std::size_t quantized = 0;
  for (const auto& node : octavo::inspect_model(model, {})) {
    if (node.decision == "quantized") ++quantized;
  }
  std::cout << "consumer: " << quantized << " nodes would be quantized\n";
  return quantized > 0 ? 0 : 1;
}
