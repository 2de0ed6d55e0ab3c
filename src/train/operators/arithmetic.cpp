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
// What are whole numbers to ONNX would be divided as the floats that they are here.
Forward division(const OperatorNode& node) {
  for (const int input : {0, 1}) {
    const std::optional<DType> type = declared_type(node, input);
    if (type && is_code(*type)) refuse(node, "a division of " + std::string(traits(*type).name));
  }
  return binary<divide>(node);
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

// Nothing is dropped: the network runs as it will be deployed.
Forward dropout(const OperatorNode& node) {
  if (!input_or_empty(node.proto, 2).empty()) {
    const std::optional<Tensor> training = stated_value(node, 2);
    if (!training || training->at(0) != 0) refuse(node, "training_mode");
  }
  const bool tells = node.proto.output_size() > 1 && !node.proto.output(1).empty();
  return [tells](const Values& inputs) -> Values {
    return {inputs[0], tells ? at::ones_like(inputs[0], at::kBool) : at::Tensor()};
  };
}

// Cut off towards zero, and around and around: 300 is 44 in 8 bits. The gradient is the input's, as
// that of rounding is.
at::Tensor as_codes(const at::Tensor& x, const DTypeTraits& type) {
  const auto lowest = static_cast<std::int64_t>(type.lowest);
  const auto count = static_cast<std::int64_t>(type.highest) - lowest + 1;
  const auto wrapped = [&](const at::Tensor& whole) {
    return (at::remainder(whole - lowest, count) + lowest).to(at::kFloat);
  };
  if (!x.is_floating_point()) return wrapped(x.to(at::kLong));
  const at::Tensor codes = wrapped(at::trunc(x.detach()));
  return x.requires_grad() ? codes + (x - x.detach()) : codes;
}

Forward cast_to(const OperatorNode& node, DType dtype) {
  const at::ScalarType type = torch_type(node, dtype);
  if (is_code(dtype)) {
    return [dtype](const Values& inputs) -> Values { return {as_codes(inputs[0], traits(dtype))}; };
  }
  return [type](const Values& inputs) -> Values { return {inputs[0].to(type)}; };
}

Forward cast(const OperatorNode& node) {
  return cast_to(node, dtype_from_onnx(static_cast<int>(int_attribute(node.proto, "to", 1))));
}

// What a tensor is here does not say what it is to ONNX.
Forward cast_like(const OperatorNode& node) {
  const std::optional<DType> dtype = declared_type(node, 1);
  if (!dtype) refuse(node, "a type that the graph does not declare");
  return cast_to(node, *dtype);
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
          {"CastLike", cast_like},
          {"Ceil", unary<at::ceil>},
          {"Cos", unary<at::cos>},
          {"Cosh", unary<at::cosh>},
          {"Div", division},
          {"Dropout", dropout},
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
