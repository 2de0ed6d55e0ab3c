#include "repair/block/block_network.h"

#include <gtest/gtest.h>

#include <random>

#include "model/tensor_proto.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::string_view kBlock = R"(
  opset 13
  input x: float32[N,4,5,5]
  const w1: float32[4,4,3,3] = random(1)
  const b1: float32[4] = random(2)
  const wd: float32[4,1,3,3] = random(3)
  a = Conv(x, w1, b1) {pads=[1,1,1,1]} "one"
  b = Relu(a) "relu"
  c = Conv(b, wd) {group=4, pads=[1,1,1,1]} "depth"
  y = Add(c, x) "add"
  output y: float32[N,4,5,5]
)";

Tensor noise(const Shape& shape, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 1);
  Tensor tensor(DType::kFloat32, shape);
  for (float& value : tensor.mutable_as<float>()) value = normal(random);
  return tensor;
}

// Nothing is quantized in it: then the error has a derivative everywhere.
class Network : public ::testing::Test {
 protected:
  Network()
      : model_(testing::parse_graph(kBlock)),
        graph_(model_.proto().graph()),
        network_(graph_, {}, ScaleTies(graph_, {}), layer_blocks(graph_, {"one", "depth"}).front()),
        sample_{{noise({1, 4, 5, 5}, 1)}, {noise({1, 4, 5, 5}, 2)}, noise({1, 4, 5, 5}, 3)} {
    for (const char* name : {"w1", "wd"}) {
      values_.weights.push_back(tensor_from_proto(*graph_.initializer(name)));
      values_.shifts.push_back(noise({4}, 4));
    }
  }

  BlockGradient gradient() const {
    BlockGradient sum;
    for (int i = 0; i < 2; ++i) {
      sum.weights.emplace_back(DType::kFloat32, values_.weights[i].shape());
      sum.shifts.emplace_back(DType::kFloat32, Shape{4});
    }
    network_.add_gradient(values_, sample_, std::nullopt, sum);
    return sum;
  }

  void expect_derivative(Tensor& parameter, const Tensor& derivative) const {
    constexpr float kStep = 1e-3F;
    const auto elements = parameter.mutable_as<float>();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const float before = elements[i];
      elements[i] = before + kStep;
      const double up = network_.squared_error(values_, sample_);
      elements[i] = before - kStep;
      const double down = network_.squared_error(values_, sample_);
      elements[i] = before;
      EXPECT_NEAR(derivative.at(i), (up - down) / (2.0 * static_cast<double>(kStep)), 5e-3) << i;
    }
  }

  Model model_;
  Graph graph_;
  BlockNetwork network_;
  BlockSample sample_;
  BlockValues values_;
};

TEST_F(Network, HasTheGradientOfItsError) {
  const BlockGradient sum = gradient();
  EXPECT_DOUBLE_EQ(sum.squared_error, network_.squared_error(values_, sample_));
  for (int layer = 0; layer < 2; ++layer) {
    expect_derivative(values_.weights[layer], sum.weights[layer]);
    expect_derivative(values_.shifts[layer], sum.shifts[layer]);
  }
}

TEST_F(Network, ReadsOneTensorOnce) {
  ASSERT_EQ(network_.inputs().size(), 1U);
  EXPECT_EQ(network_.inputs()[0].tensor, "x");
  EXPECT_EQ(network_.shift_sizes()[1], 4U);
}

TEST_F(Network, MixesItsInputsTheSameWayForOneSeed) {
  BlockGradient one = gradient();
  BlockGradient other = gradient();
  const double exact = one.squared_error;
  network_.add_gradient(values_, sample_, ActivationDrop{5}, one);
  network_.add_gradient(values_, sample_, ActivationDrop{5}, other);
  EXPECT_EQ(one.squared_error, other.squared_error);
  EXPECT_NE(one.squared_error, 2 * exact);
}

}  // namespace
}  // namespace octavo
