// Operators that work element by element on one tensor.
#include <algorithm>
#include <cmath>
#include <utility>

#include "model/attributes.h"
#include "placement/node_rules.h"
#include "repair/block/block_operator_makers.h"

namespace octavo {
namespace {

// `Function` has value(x) and derivative(x, y), y being value(x).
template <typename Function>
class Elementwise final : public BlockOperator {
 public:
  explicit Elementwise(Function function) : function_(std::move(function)) {}

  Tensor forward(OperatorInputs inputs) const override {
    const auto x = inputs[0]->as<float>();
    Tensor result(DType::kFloat32, inputs[0]->shape());
    const auto y = result.mutable_as<float>();
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = function_.value(x[i]);
    return result;
  }

  void backward(OperatorInputs inputs, const Tensor& output, const Tensor& gradient,
                OperatorGradients gradients) const override {
    if (gradients[0] == nullptr) return;
    const auto x = inputs[0]->as<float>();
    const auto y = output.as<float>();
    const auto above = gradient.as<float>();
    const auto below = gradients[0]->mutable_as<float>();
    for (std::size_t i = 0; i < x.size(); ++i) {
      below[i] += above[i] * function_.derivative(x[i], y[i]);
    }
  }

 private:
  Function function_;
};

struct Clip {
  float low;
  float high;
  float value(float x) const { return std::min(std::max(x, low), high); }
  float derivative(float x, float /*y*/) const { return x > low && x < high ? 1.0F : 0.0F; }
};

struct LeakyRelu {
  float slope;
  float value(float x) const { return x > 0 ? x : slope * x; }
  float derivative(float x, float /*y*/) const { return x > 0 ? 1.0F : slope; }
};

struct Sigmoid {
  static float value(float x) { return 1 / (1 + std::exp(-x)); }
  static float derivative(float /*x*/, float y) { return y * (1 - y); }
};

struct HardSigmoid {
  float alpha;
  float beta;
  float value(float x) const { return std::clamp(alpha * x + beta, 0.0F, 1.0F); }
  float derivative(float /*x*/, float y) const { return y > 0 && y < 1 ? alpha : 0.0F; }
};

// x * HardSigmoid(x) with alpha 1/6 and beta 1/2.
struct HardSwish {
  static constexpr HardSigmoid kGate = {1.0F / 6, 0.5F};
  static float value(float x) { return x * kGate.value(x); }
  static float derivative(float x, float /*y*/) {
    const float gate = kGate.value(x);
    return gate + x * kGate.derivative(x, gate);
  }
};

template <typename Function>
std::unique_ptr<BlockOperator> make(Function function) {
  return std::make_unique<Elementwise<Function>>(std::move(function));
}

}  // namespace

std::unique_ptr<BlockOperator> make_clip(const Graph& graph, const onnx::NodeProto& node) {
  for (int i = 1; i < node.input_size(); ++i) {
    if (!node.input(i).empty() && !graph.is_constant(node.input(i))) return nullptr;
  }
  const Range bounds = clip_bounds(node, graph);
  return make(Clip{static_cast<float>(bounds.min), static_cast<float>(bounds.max)});
}

std::unique_ptr<BlockOperator> make_hard_sigmoid(const Graph& /*graph*/,
                                                 const onnx::NodeProto& node) {
  return make(
      HardSigmoid{float_attribute(node, "alpha", 0.2F), float_attribute(node, "beta", 0.5F)});
}

std::unique_ptr<BlockOperator> make_hard_swish(const Graph& /*graph*/,
                                               const onnx::NodeProto& /*node*/) {
  return make(HardSwish{});
}

std::unique_ptr<BlockOperator> make_leaky_relu(const Graph& /*graph*/,
                                               const onnx::NodeProto& node) {
  return make(LeakyRelu{float_attribute(node, "alpha", 0.01F)});
}

std::unique_ptr<BlockOperator> make_relu(const Graph& /*graph*/, const onnx::NodeProto& /*node*/) {
  return make(LeakyRelu{0});
}

std::unique_ptr<BlockOperator> make_sigmoid(const Graph& /*graph*/,
                                            const onnx::NodeProto& /*node*/) {
  return make(Sigmoid{});
}

}  // namespace octavo
