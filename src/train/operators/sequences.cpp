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

// As many of each sequence as its length says, from the last to the first; the rest as they are.
Forward reverse_sequence(const OperatorNode& node) {
  const std::int64_t batch_axis = int_attribute(node.proto, "batch_axis", 1);
  const std::int64_t time_axis = int_attribute(node.proto, "time_axis", 0);
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const auto along = [&](const at::Tensor& entries, std::int64_t axis) {
      std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
      shape[static_cast<std::size_t>(axis)] = -1;
      return entries.reshape(shape);
    };
    const at::Tensor lengths = along(inputs[1].to(x.device(), at::kLong), batch_axis);
    const at::Tensor steps = along(at::arange(x.size(time_axis), lengths.options()), time_axis);
    const at::Tensor from = at::where(steps < lengths, lengths - 1 - steps, steps);
    return {x.gather(time_axis, from.expand(x.sizes()))};
  };
}

// Of equal elements the first comes first, which libtorch's own does not promise.
Forward top_k(const OperatorNode& node) {
  const std::int64_t axis = int_attribute(node.proto, "axis", -1);
  const bool largest = int_attribute(node.proto, "largest", 1) != 0;
  const std::int64_t stated = int_attribute(node.proto, "k", 0);  // before opset 10
  return [=](const Values& inputs) -> Values {
    const std::int64_t count = stated > 0 ? stated : to_ints(inputs.at(1)).at(0);
    const auto [values, positions] = at::sort(inputs[0], true, axis, largest);
    return {values.narrow(axis, 0, count), positions.narrow(axis, 0, count)};
  };
}

}  // namespace

std::vector<MappedOperator> sequences_operators() {
  return {{"CumSum", cumulative_sum}, {"ReverseSequence", reverse_sequence}, {"TopK", top_k}};
}

}  // namespace octavo
