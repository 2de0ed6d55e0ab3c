// The mean of each channel.
#include <numeric>

#include "repair/block/block_operator_makers.h"

namespace octavo {
namespace {

class GlobalAverage final : public BlockOperator {
 public:
  Tensor forward(OperatorInputs inputs) const override {
    Shape shape = inputs[0]->shape();
    for (std::size_t i = 2; i < shape.size(); ++i) shape[i] = 1;
    Tensor result(DType::kFloat32, shape);
    const auto x = inputs[0]->as<float>();
    const auto y = result.mutable_as<float>();
    const std::size_t plane = x.size() / y.size();
    for (std::size_t i = 0; i < y.size(); ++i) {
      const auto values = x.subspan(i * plane, plane);
      y[i] = static_cast<float>(std::accumulate(values.begin(), values.end(), 0.0) /
                                static_cast<double>(plane));
    }
    return result;
  }

  void backward(OperatorInputs /*inputs*/, const Tensor& /*output*/, const Tensor& gradient,
                OperatorGradients gradients) const override {
    if (gradients[0] == nullptr) return;
    const auto above = gradient.as<float>();
    const auto below = gradients[0]->mutable_as<float>();
    const std::size_t plane = below.size() / above.size();
    for (std::size_t i = 0; i < below.size(); ++i) {
      below[i] += above[i / plane] / static_cast<float>(plane);
    }
  }
};

}  // namespace

std::unique_ptr<BlockOperator> make_global_average(const Graph& /*graph*/,
                                                   const onnx::NodeProto& /*node*/) {
  return std::make_unique<GlobalAverage>();
}

}  // namespace octavo
