// Truth values, and choices by them.
#include "model/attributes.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

template <at::Tensor (*function)(const at::Tensor&, const at::Tensor&)>
Forward compared(const OperatorNode&) {
  return [](const Values& inputs) -> Values {
    const Values there = on_one_device(inputs);
    return {function(there[0], there[1])};
  };
}

at::Tensor equal(const at::Tensor& a, const at::Tensor& b) { return a == b; }
at::Tensor greater(const at::Tensor& a, const at::Tensor& b) { return a > b; }
at::Tensor greater_or_equal(const at::Tensor& a, const at::Tensor& b) { return a >= b; }
at::Tensor less(const at::Tensor& a, const at::Tensor& b) { return a < b; }
at::Tensor less_or_equal(const at::Tensor& a, const at::Tensor& b) { return a <= b; }
at::Tensor both(const at::Tensor& a, const at::Tensor& b) { return at::logical_and(a, b); }
at::Tensor one_of(const at::Tensor& a, const at::Tensor& b) { return at::logical_xor(a, b); }
at::Tensor either(const at::Tensor& a, const at::Tensor& b) { return at::logical_or(a, b); }

Forward negated(const OperatorNode&) {
  return [](const Values& inputs) -> Values { return {at::logical_not(inputs[0])}; };
}

Forward is_infinite(const OperatorNode& node) {
  const bool finds_negative = int_attribute(node.proto, "detect_negative", 1) != 0;
  const bool finds_positive = int_attribute(node.proto, "detect_positive", 1) != 0;
  return [=](const Values& inputs) -> Values {
    if (finds_negative && finds_positive) return {at::isinf(inputs[0])};
    if (finds_negative) return {at::isneginf(inputs[0])};
    if (finds_positive) return {at::isposinf(inputs[0])};
    return {at::zeros_like(inputs[0], at::kBool)};
  };
}

Forward is_nan(const OperatorNode&) {
  return [](const Values& inputs) -> Values { return {at::isnan(inputs[0])}; };
}

Forward where(const OperatorNode&) {
  return [](const Values& inputs) -> Values {
    const Values there = on_one_device(inputs);
    return {at::where(there[0].to(at::kBool), there[1], there[2])};
  };
}

}  // namespace

std::vector<MappedOperator> comparisons_operators() {
  return {{"And", compared<both>},
          {"Equal", compared<equal>},
          {"Greater", compared<greater>},
          {"GreaterOrEqual", compared<greater_or_equal>},
          {"IsInf", is_infinite},
          {"IsNaN", is_nan},
          {"Less", compared<less>},
          {"LessOrEqual", compared<less_or_equal>},
          {"Not", negated},
          {"Or", compared<either>},
          {"Where", where},
          {"Xor", compared<one_of>}};
}

}  // namespace octavo
