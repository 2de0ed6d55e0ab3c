// What is computed along an axis in its order.
#include "model/attributes.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

at::Tensor cumulated(const at::Tensor& x, std::int64_t axis) {
  return at::cumsum(x, axis, x.scalar_type());
}

// The sum of what comes before each element, without it.
at::Tensor cumulated_before(const at::Tensor& x, std::int64_t axis) {
  const at::Tensor none = at::zeros_like(x.narrow(axis, 0, 1));
  return at::cat({none, cumulated(x.narrow(axis, 0, x.size(axis) - 1), axis)}, axis);
}

Forward cumulative_sum(const OperatorNode& node) {
  const bool excludes = int_attribute(node.proto, "exclusive", 0) != 0;
  const bool reverses = int_attribute(node.proto, "reverse", 0) != 0;
  return [=](const Values& inputs) -> Values {
    const std::int64_t axis = to_ints(inputs[1]).at(0);
    const at::Tensor x = reverses ? inputs[0].flip(axis) : inputs[0];
    const at::Tensor sums = excludes ? cumulated_before(x, axis) : cumulated(x, axis);
    return {reverses ? sums.flip(axis) : sums};
  };
}

}  // namespace

std::vector<MappedOperator> sequences_operators() { return {{"CumSum", cumulative_sum}}; }

}  // namespace octavo
