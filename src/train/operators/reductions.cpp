// One number out of many, along axes.
#include <limits>
#include <numeric>

#include "model/attributes.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

using Axes = std::vector<std::int64_t>;

template <at::Tensor (*function)(const at::Tensor&, const Axes&, bool)>
Forward reduced(const OperatorNode& node) {
  const bool keeps = int_attribute(node.proto, "keepdims", 1) != 0;
  const bool none_is_none = int_attribute(node.proto, "noop_with_empty_axes", 0) != 0;
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    Axes axes = ints_of(node, "axes", inputs, 1).value_or(Axes());
    if (axes.empty()) {
      if (none_is_none) return {x};
      axes.resize(static_cast<std::size_t>(x.dim()));
      std::iota(axes.begin(), axes.end(), 0);
    }
    return {function(x, axes, keeps)};
  };
}

at::Tensor mean(const at::Tensor& x, const Axes& axes, bool keeps) { return x.mean(axes, keeps); }
at::Tensor sum(const at::Tensor& x, const Axes& axes, bool keeps) {
  return x.sum(axes, keeps, x.scalar_type());
}
constexpr double kInfinity = std::numeric_limits<double>::infinity();
// libtorch knows no highest of no numbers.
at::Tensor highest(const at::Tensor& x, const Axes& axes, bool keeps) {
  return x.numel() == 0 ? at::full_like(x.sum(axes, keeps), -kInfinity) : x.amax(axes, keeps);
}
at::Tensor lowest(const at::Tensor& x, const Axes& axes, bool keeps) {
  return x.numel() == 0 ? at::full_like(x.sum(axes, keeps), kInfinity) : x.amin(axes, keeps);
}
at::Tensor absolute_sum(const at::Tensor& x, const Axes& axes, bool keeps) {
  return x.abs().sum(axes, keeps);
}
at::Tensor square_sum(const at::Tensor& x, const Axes& axes, bool keeps) {
  return (x * x).sum(axes, keeps);
}
// Not the root of the sum of squares, whose gradient at zeros is none.
at::Tensor norm(const at::Tensor& x, const Axes& axes, bool keeps) {
  const at::Tensor numbers = x.is_floating_point() ? x : x.to(at::kDouble);
  return at::linalg_vector_norm(numbers, 2, axes, keeps).to(x.scalar_type());
}
at::Tensor log_sum(const at::Tensor& x, const Axes& axes, bool keeps) {
  return sum(x, axes, keeps).log();
}
at::Tensor log_sum_exp(const at::Tensor& x, const Axes& axes, bool keeps) {
  return at::logsumexp(x, axes, keeps);
}
at::Tensor product(const at::Tensor& x, const Axes& axes, bool keeps) {
  at::Tensor result = x;
  for (const std::int64_t axis : axes) result = result.prod(axis, true);
  if (keeps) return result;
  std::vector<std::int64_t> shape;
  for (std::int64_t axis = 0; axis < x.dim(); ++axis) {
    bool gone = false;
    for (const std::int64_t reduced_axis : axes) gone |= axis_of(reduced_axis, x.dim()) == axis;
    if (!gone) shape.push_back(x.size(axis));
  }
  return result.reshape(shape);
}

template <at::Tensor (*function)(const at::Tensor&, std::int64_t, bool)>
Forward position(const OperatorNode& node) {
  const bool finds_last = int_attribute(node.proto, "select_last_index", 0) != 0;
  const std::int64_t axis = int_attribute(node.proto, "axis", 0);
  const bool keeps = int_attribute(node.proto, "keepdims", 1) != 0;
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    if (!finds_last) return {function(x, axis, keeps)};
    return {x.size(axis) - 1 - function(x.flip(axis), axis, keeps)};
  };
}

at::Tensor highest_at(const at::Tensor& x, std::int64_t axis, bool keeps) {
  return at::argmax(x, axis, keeps);
}
at::Tensor lowest_at(const at::Tensor& x, std::int64_t axis, bool keeps) {
  return at::argmin(x, axis, keeps);
}

}  // namespace

std::vector<MappedOperator> reductions_operators() {
  return {{"ArgMax", position<highest_at>},    {"ArgMin", position<lowest_at>},
          {"ReduceL1", reduced<absolute_sum>}, {"ReduceL2", reduced<norm>},
          {"ReduceLogSum", reduced<log_sum>},  {"ReduceLogSumExp", reduced<log_sum_exp>},
          {"ReduceMax", reduced<highest>},     {"ReduceMean", reduced<mean>},
          {"ReduceMin", reduced<lowest>},      {"ReduceProd", reduced<product>},
          {"ReduceSum", reduced<sum>},         {"ReduceSumSquare", reduced<square_sum>}};
}

}  // namespace octavo
