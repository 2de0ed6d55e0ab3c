// Pictures sampled where a grid of positions says.
#include "model/attributes.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

// libtorch's numbers for them.
std::int64_t interpolation_of(const OperatorNode& node) {
  const std::string mode = string_attribute(node.proto, "mode", "linear");
  if (mode == "linear" || mode == "bilinear") return 0;
  if (mode == "nearest") return 1;
  if (mode == "cubic" || mode == "bicubic") return 2;
  refuse(node, "mode " + mode);
}

std::int64_t padding_of(const OperatorNode& node) {
  const std::string mode = string_attribute(node.proto, "padding_mode", "zeros");
  if (mode == "zeros") return 0;
  if (mode == "border") return 1;
  if (mode == "reflection") return 2;
  refuse(node, "padding_mode " + mode);
}

Forward grid_sample(const OperatorNode& node) {
  const std::int64_t interpolation = interpolation_of(node);
  const std::int64_t padding = padding_of(node);
  const bool aligns = int_attribute(node.proto, "align_corners", 0) != 0;
  return [=](const Values& inputs) -> Values {
    // Positions stay exact under mixed precision.
    const at::Tensor x = inputs[0].to(inputs[1].scalar_type());
    return {at::grid_sampler(x, inputs[1], interpolation, padding, aligns)};
  };
}

Forward affine_grid(const OperatorNode& node) {
  const bool aligns = int_attribute(node.proto, "align_corners", 0) != 0;
  return [aligns](const Values& inputs) -> Values {
    return {at::affine_grid_generator(inputs[0], to_ints(inputs[1]), aligns)};
  };
}

}  // namespace

std::vector<MappedOperator> grids_operators() {
  return {{"AffineGrid", affine_grid}, {"GridSample", grid_sample}};
}

}  // namespace octavo
