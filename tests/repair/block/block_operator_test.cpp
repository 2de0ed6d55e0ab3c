// Every derivative against finite differences.
#include "repair/block/block_operator.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "model/tensor_proto.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr unsigned kSeed = 7;

Tensor random_tensor(const Shape& shape, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  Tensor tensor(DType::kFloat32, shape);
  for (float& value : tensor.mutable_as<float>()) value = uniform(random);
  return tensor;
}

double product(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a.at(i) * b.at(i);
  return sum;
}

// The first node of a graph, its inputs filled with noise.
class Operation {
 public:
  explicit Operation(std::string_view text) : model_(testing::parse_graph(text)) {
    const Graph graph(model_.proto().graph());
    const onnx::NodeProto& node = model_.proto().graph().node(0);
    op_ = make_block_operator(graph, node);
    std::mt19937 random(kSeed);
    for (const std::string& name : node.input()) {
      if (const onnx::TensorProto* constant = graph.initializer(name)) {
        values_.push_back(tensor_from_proto(*constant));
        continue;
      }
      Shape shape;
      const auto& declared = graph.value_info(name)->type().tensor_type().shape();
      for (const auto& dimension : declared.dim()) {
        shape.push_back(dimension.has_dim_value() ? dimension.dim_value() : 2);
      }
      values_.push_back(random_tensor(shape, random));
    }
  }

  bool is_known() const { return op_ != nullptr; }
  std::vector<Tensor>& values() { return values_; }

  Tensor forward() const {
    const auto inputs = pointers();
    return op_->forward(inputs);
  }

  std::vector<Tensor> backward(const Tensor& output, const Tensor& gradient) const {
    std::vector<Tensor> gradients;
    for (const Tensor& value : values_) gradients.emplace_back(DType::kFloat32, value.shape());
    std::vector<Tensor*> targets;
    for (Tensor& target : gradients) targets.push_back(&target);
    const auto inputs = pointers();
    op_->backward(inputs, output, gradient, targets);
    return gradients;
  }

 private:
  std::vector<const Tensor*> pointers() const {
    std::vector<const Tensor*> inputs;
    for (const Tensor& value : values_) inputs.push_back(&value);
    return inputs;
  }

  Model model_;
  std::unique_ptr<BlockOperator> op_;
  std::vector<Tensor> values_;
};

struct OperatorCase {
  const char* name;
  const char* declarations;
  const char* node;
  int learned = 1;  // inputs, from the first on, whose derivative is looked at
};

std::string text_of(const OperatorCase& test) {
  return std::string("opset 20\n") + test.declarations + "\ny = " + test.node +
         " \"node\"\noutput y: float32\n";
}

class BlockOperators : public ::testing::TestWithParam<OperatorCase> {};

TEST_P(BlockOperators, HaveTheDerivativeOfWhatTheyCompute) {
  Operation operation(text_of(GetParam()));
  ASSERT_TRUE(operation.is_known());
  const Tensor output = operation.forward();
  std::mt19937 random(kSeed + 1);
  const Tensor above = random_tensor(output.shape(), random);
  const std::vector<Tensor> gradients = operation.backward(output, above);
  constexpr float kStep = 1e-2F;
  for (int input = 0; input < GetParam().learned; ++input) {
    const auto values = operation.values()[input].mutable_as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float before = values[i];
      values[i] = before + kStep;
      const double up = product(operation.forward(), above);
      values[i] = before - kStep;
      const double down = product(operation.forward(), above);
      values[i] = before;
      EXPECT_NEAR(gradients[input].at(i), (up - down) / (2.0 * static_cast<double>(kStep)), 2e-3)
          << "input " << input << ", element " << i << ", seed " << kSeed;
    }
  }
}

// No input comes within a step of a kink with this seed.
INSTANTIATE_TEST_SUITE_P(
    All, BlockOperators,
    ::testing::Values(
        OperatorCase{"Add", "input a: float32[N,3,2,2]\ninput b: float32[N,3,2,2]", "Add(a, b)", 2},
        OperatorCase{"AddBroadcast", "input a: float32[N,3,2,2]\ninput b: float32[3,1,1]",
                     "Add(a, b)", 2},
        OperatorCase{
            "Clip",
            "input a: float32[N,5]\nconst low: float32[] = -0.5\nconst high: float32[] = 0.4",
            "Clip(a, low, high)"},
        OperatorCase{"Concat", "input a: float32[N,3,2]\ninput b: float32[N,2,2]",
                     "Concat(a, b) {axis=1}", 2},
        OperatorCase{"Conv",
                     "input a: float32[N,3,6,5]\nconst w: float32[4,3,3,3] = random(1)\n"
                     "const b: float32[4] = random(2)",
                     "Conv(a, w, b) {pads=[1,1,1,1]}", 2},
        OperatorCase{"ConvStrided",
                     "input a: float32[N,2,7,6]\nconst w: float32[3,2,3,2] = random(1)",
                     "Conv(a, w) {pads=[0,1,2,1], strides=[2,3], dilations=[2,1]}", 2},
        OperatorCase{"ConvGroups",
                     "input a: float32[N,4,5,5]\nconst w: float32[6,2,3,3] = random(1)",
                     "Conv(a, w) {group=2, auto_pad=\"SAME_UPPER\", strides=[2,2]}", 2},
        OperatorCase{"ConvDepthwise",
                     "input a: float32[N,4,5,5]\nconst w: float32[4,1,3,3] = random(1)",
                     "Conv(a, w) {group=4, pads=[1,1,1,1]}", 2},
        OperatorCase{"ConvPointwise",
                     "input a: float32[N,3,4,4]\nconst w: float32[5,3,1,1] = random(1)",
                     "Conv(a, w)", 2},
        OperatorCase{"ConvOneDimension",
                     "input a: float32[N,3,9]\nconst w: float32[2,3,3] = random(1)",
                     "Conv(a, w) {pads=[1,1], strides=[2]}", 2},
        OperatorCase{"Gemm",
                     "input a: float32[N,4]\nconst w: float32[3,4] = random(1)\n"
                     "const b: float32[3] = random(2)",
                     "Gemm(a, w, b) {alpha=0.5, transB=1}", 2},
        OperatorCase{"GlobalAveragePool", "input a: float32[N,3,2,4]", "GlobalAveragePool(a)"},
        OperatorCase{"HardSigmoid", "input a: float32[N,5]", "HardSigmoid(a) {alpha=0.8}"},
        OperatorCase{"HardSwish", "input a: float32[N,5]", "HardSwish(a)"},
        OperatorCase{"LeakyRelu", "input a: float32[N,5]", "LeakyRelu(a) {alpha=0.2}"},
        OperatorCase{"MatMul", "input a: float32[N,3,4]\nconst w: float32[4,2] = random(1)",
                     "MatMul(a, w)", 2},
        OperatorCase{"Mul", "input a: float32[N,3,2,2]\ninput b: float32[N,3,1,1]", "Mul(a, b)", 2},
        OperatorCase{"Relu", "input a: float32[N,5]", "Relu(a)"},
        OperatorCase{"Sigmoid", "input a: float32[N,5]", "Sigmoid(a)"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(BlockOperator, KnowsNoOthers) {
  EXPECT_FALSE(
      Operation("opset 20\ninput a: float32[N,4]\ny = Softmax(a) \"s\"\noutput y: float32\n")
          .is_known());
  EXPECT_FALSE(Operation("opset 20\ninput a: float32[4,N]\nconst w: float32[4,2] = random(1)\n"
                         "y = Gemm(a, w) {transA=1} \"g\"\noutput y: float32\n")
                   .is_known());
  EXPECT_TRUE(is_elementwise("Relu"));
  EXPECT_FALSE(is_elementwise("Conv"));
}

}  // namespace
}  // namespace octavo
