// Elementwise arithmetic with broadcasting, which ONNX and libtorch define alike.
#include "model/attributes.h"
#include "octavo/dtype.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

template <at::Tensor (*function)(const at::Tensor&)>
Forward unary(const OperatorNode&) {
  return [](const Values& inputs) -> Values { return {function(inputs[0])}; };
}

template <at::Tensor (*function)(const at::Tensor&, const at::Tensor&)>
Forward binary(const OperatorNode&) {
  return [](const Values& inputs) -> Values {
    const Values there = on_one_device(inputs);
    return {function(there[0], there[1])};
  };
}

// Of one tensor or more.
template <at::Tensor (*function)(const at::Tensor&, const at::Tensor&)>
Forward variadic(const OperatorNode&) {
  return [](const Values& inputs) -> Values {
    const Values there = on_one_device(inputs);
    at::Tensor result = there[0];
    for (std::size_t i = 1; i < there.size(); ++i) result = function(result, there[i]);
    return {result};
  };
}

at::Tensor add(const at::Tensor& a, const at::Tensor& b) { return a + b; }
at::Tensor subtract(const at::Tensor& a, const at::Tensor& b) { return a - b; }
at::Tensor multiply(const at::Tensor& a, const at::Tensor& b) { return a * b; }
at::Tensor divide(const at::Tensor& a, const at::Tensor& b) {
  return at::isIntegralType(a.scalar_type(), false) ? at::div(a, b, "trunc") : a / b;
}
at::Tensor power_of(const at::Tensor& a, const at::Tensor& b) {
  return at::pow(a, b.to(a.scalar_type()));
}
at::Tensor negate(const at::Tensor& a) { return -a; }
at::Tensor round_half_even(const at::Tensor& a) { return at::round(a); }

// The commonest exponent as a product: libtorch's power of a tensor is slow and, at 0, not smooth.
Forward power(const OperatorNode& node) {
  const std::optional<Tensor> exponent = stated_value(node, 1);
  if (!exponent || exponent->size() != 1 || exponent->at(0) != 2) return binary<power_of>(node);
  return [](const Values& inputs) -> Values { return {inputs[0] * inputs[0]}; };
}

Forward modulo(const OperatorNode& node) {
  const bool truncates = int_attribute(node.proto, "fmod", 0) != 0;
  return [truncates](const Values& inputs) -> Values {
    const Values there = on_one_device(inputs);
    return {truncates ? at::fmod(there[0], there[1]) : at::remainder(there[0], there[1])};
  };
}

Forward mean(const OperatorNode& node) {
  const Forward sum = variadic<add>(node);
  return [sum](const Values& inputs) -> Values {
    return {sum(inputs)[0] / static_cast<double>(inputs.size())};
  };
}

Forward identity(const OperatorNode&) {
  return [](const Values& inputs) -> Values { return {inputs[0]}; };
}

at::ScalarType scalar_type(const OperatorNode& node, DType dtype) {
  switch (traits(dtype).kind) {
    case DTypeKind::kFloat:
      return dtype == DType::kFloat64 ? at::kDouble : at::kFloat;
    case DTypeKind::kOther:
      return at::kBool;
    default:
      break;
  }
  // Whole numbers of up to 16 bits may be codes, which are trained as floats.
  if (traits(dtype).bits <= 16) return at::kFloat;
  if (dtype == DType::kInt64) return at::kLong;
  if (dtype == DType::kInt32) return at::kInt;
  refuse(node, "a Cast to " + std::string(traits(dtype).name));
}

Forward cast(const OperatorNode& node) {
  const auto dtype = dtype_from_onnx(static_cast<int>(int_attribute(node.proto, "to", 1)));
  const at::ScalarType type = scalar_type(node, dtype);
  return [type](const Values& inputs) -> Values { return {inputs[0].to(type)}; };
}

}  // namespace

std::vector<MappedOperator> arithmetic_operators() {
  return {{"Abs", unary<at::abs>},
          {"Acos", unary<at::acos>},
          {"Acosh", unary<at::acosh>},
          {"Add", binary<add>},
          {"Asin", unary<at::asin>},
          {"Asinh", unary<at::asinh>},
          {"Atan", unary<at::atan>},
          {"Atanh", unary<at::atanh>},
          {"Cast", cast},
          {"Ceil", unary<at::ceil>},
          {"Cos", unary<at::cos>},
          {"Cosh", unary<at::cosh>},
          {"Div", binary<divide>},
          {"Dropout", identity},
          {"Erf", unary<at::erf>},
          {"Exp", unary<at::exp>},
          {"Floor", unary<at::floor>},
          {"Identity", identity},
          {"Log", unary<at::log>},
          {"Max", variadic<at::maximum>},
          {"Mean", mean},
          {"Min", variadic<at::minimum>},
          {"Mod", modulo},
          {"Mul", binary<multiply>},
          {"Neg", unary<negate>},
          {"Pow", power},
          {"Reciprocal", unary<at::reciprocal>},
          {"Round", unary<round_half_even>},
          {"Sign", unary<at::sign>},
          {"Sin", unary<at::sin>},
          {"Sinh", unary<at::sinh>},
          {"Sqrt", unary<at::sqrt>},
          {"Sub", binary<subtract>},
          {"Sum", variadic<add>},
          {"Tan", unary<at::tan>}};
}

}  // namespace octavo
