// Truth values, and choices by them.
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
at::Tensor either(const at::Tensor& a, const at::Tensor& b) { return at::logical_or(a, b); }

Forward negated(const OperatorNode&) {
  return [](const Values& inputs) -> Values { return {at::logical_not(inputs[0])}; };
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
          {"Less", compared<less>},
          {"LessOrEqual", compared<less_or_equal>},
          {"Not", negated},
          {"Or", compared<either>},
          {"Where", where}};
}

}  // namespace octavo
