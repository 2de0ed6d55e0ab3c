// Operators that make one tensor of several.
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/attributes.h"
#include "repair/block/block_operator_makers.h"

namespace octavo {
namespace {

Shape broadcast_shape(const Shape& a, const Shape& b) {
  Shape shape(std::max(a.size(), b.size()), 1);
  for (const Shape* operand : {&a, &b}) {
    const std::size_t skipped = shape.size() - operand->size();
    for (std::size_t i = 0; i < operand->size(); ++i) {
      if ((*operand)[i] != 1) shape[skipped + i] = (*operand)[i];
    }
  }
  return shape;
}

// Where each element of a tensor of shape `whole` reads an operand of shape `shape`. Empty: at its
// own place.
std::vector<std::size_t> places(const Shape& shape, const Shape& whole) {
  if (shape == whole) return {};
  std::vector<std::size_t> result = {0};
  std::size_t stride = element_count(shape);
  const std::size_t skipped = whole.size() - shape.size();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::int64_t own = i < skipped ? 1 : shape[i - skipped];
    stride /= static_cast<std::size_t>(own);
    std::vector<std::size_t> next;
    next.reserve(result.size() * static_cast<std::size_t>(whole[i]));
    for (const std::size_t base : result) {
      for (std::int64_t k = 0; k < whole[i]; ++k) {
        next.push_back(base + (own == 1 ? 0 : static_cast<std::size_t>(k) * stride));
      }
    }
    result = std::move(next);
  }
  return result;
}

std::size_t place(const std::vector<std::size_t>& places, std::size_t i) {
  return places.empty() ? i : places[i];
}

struct Add {
  static float value(float a, float b) { return a + b; }
  // By the operand that stands first.
  static float derivative(float /*other*/) { return 1; }
};

struct Mul {
  static float value(float a, float b) { return a * b; }
  static float derivative(float other) { return other; }
};

template <typename Function>
class Binary final : public BlockOperator {
 public:
  Tensor forward(OperatorInputs inputs) const override {
    Tensor result(DType::kFloat32, broadcast_shape(inputs[0]->shape(), inputs[1]->shape()));
    const auto a_places = places(inputs[0]->shape(), result.shape());
    const auto b_places = places(inputs[1]->shape(), result.shape());
    const auto a = inputs[0]->as<float>();
    const auto b = inputs[1]->as<float>();
    const auto y = result.mutable_as<float>();
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = Function::value(a[place(a_places, i)], b[place(b_places, i)]);
    }
    return result;
  }

  void backward(OperatorInputs inputs, const Tensor& output, const Tensor& gradient,
                OperatorGradients gradients) const override {
    const auto above = gradient.as<float>();
    for (const std::size_t own : {0, 1}) {
      if (gradients[own] == nullptr) continue;
      const Tensor& other = *inputs[1 - own];
      const auto own_places = places(inputs[own]->shape(), output.shape());
      const auto other_places = places(other.shape(), output.shape());
      const auto factors = other.as<float>();
      const auto below = gradients[own]->mutable_as<float>();
      for (std::size_t i = 0; i < above.size(); ++i) {
        below[place(own_places, i)] +=
            above[i] * Function::derivative(factors[place(other_places, i)]);
      }
    }
  }
};

class Concat final : public BlockOperator {
 public:
  explicit Concat(std::int64_t axis) : axis_(axis) {}

  Tensor forward(OperatorInputs inputs) const override {
    Shape shape = inputs[0]->shape();
    const std::size_t axis = axis_of(shape);
    for (std::size_t i = 1; i < inputs.size(); ++i) shape[axis] += inputs[i]->shape()[axis];
    Tensor result(DType::kFloat32, shape);
    const auto y = result.mutable_as<float>();
    for_each_run(inputs, shape,
                 [&](std::size_t input, std::size_t from, std::size_t to, std::size_t count) {
                   const auto x = inputs[input]->as<float>().subspan(from, count);
                   std::copy(x.begin(), x.end(), y.subspan(to, count).begin());
                 });
    return result;
  }

  void backward(OperatorInputs inputs, const Tensor& output, const Tensor& gradient,
                OperatorGradients gradients) const override {
    const auto above = gradient.as<float>();
    for_each_run(inputs, output.shape(),
                 [&](std::size_t input, std::size_t from, std::size_t to, std::size_t count) {
                   if (gradients[input] == nullptr) return;
                   const auto below = gradients[input]->mutable_as<float>().subspan(from, count);
                   for (std::size_t i = 0; i < count; ++i) below[i] += above[to + i];
                 });
  }

 private:
  std::size_t axis_of(const Shape& shape) const {
    return static_cast<std::size_t>(axis_ < 0 ? axis_ + static_cast<std::int64_t>(shape.size())
                                              : axis_);
  }

  // Elements of one input that lie side by side in the result.
  template <typename Run>
  void for_each_run(OperatorInputs inputs, const Shape& shape, Run run) const {
    const std::size_t axis = axis_of(shape);
    const auto begin = shape.begin() + static_cast<std::ptrdiff_t>(axis);
    const std::size_t outer = element_count({shape.begin(), begin});
    const std::size_t inner = element_count({begin + 1, shape.end()});
    std::size_t to = 0;
    for (std::size_t i = 0; i < outer; ++i) {
      for (std::size_t input = 0; input < inputs.size(); ++input) {
        const std::size_t count = inner * static_cast<std::size_t>(inputs[input]->shape()[axis]);
        run(input, i * count, to, count);
        to += count;
      }
    }
  }

  std::int64_t axis_;
};

}  // namespace

std::unique_ptr<BlockOperator> make_add(const Graph& /*graph*/, const onnx::NodeProto& /*node*/) {
  return std::make_unique<Binary<Add>>();
}

std::unique_ptr<BlockOperator> make_mul(const Graph& /*graph*/, const onnx::NodeProto& /*node*/) {
  return std::make_unique<Binary<Mul>>();
}

std::unique_ptr<BlockOperator> make_concat(const Graph& /*graph*/, const onnx::NodeProto& node) {
  return std::make_unique<Concat>(int_attribute(node, "axis", 1));
}

}  // namespace octavo
