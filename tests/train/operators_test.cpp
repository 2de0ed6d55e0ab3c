// Every mapped operator against ONNX Runtime, on small graphs of noise.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "octavo/executor.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "train/constants.h"
#include "train/mapped.h"
#include "train/network.h"
#include "train/operator_cases.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

constexpr float kTolerance = 1e-4F;

class MappedOperatorAgrees : public ::testing::TestWithParam<testing::OperatorCase> {};

TEST_P(MappedOperatorAgrees, WithOnnxRuntime) {
  const Model model = testing::model_of(GetParam());
  std::vector<Tensor> inputs;
  Values values;
  for (const TensorInfo& input : model.inputs()) {
    inputs.push_back(testing::noise(input.shape, static_cast<std::uint32_t>(inputs.size()) + 1));
    values.push_back(to_torch(inputs.back()));
  }
  SessionOptions plain;
  plain.optimization = Optimization::kNone;
  const Tensor expected = make_executor("onnxruntime")->load(model, plain)->run(inputs).front();
  const Network network(model, {{"y"}, {}, {}});
  const Tensor found = from_torch(network.run(values).front());
  ASSERT_EQ(found.shape(), expected.shape());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double scale = std::max(1.0, std::abs(expected.at(i)));
    ASSERT_NEAR(found.at(i), expected.at(i), kTolerance * scale) << "element " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Operators, MappedOperatorAgrees,
                         ::testing::ValuesIn(testing::operator_cases()),
                         [](const auto& test) { return testing::name_of(test.param, test.index); });

TEST(MappedOperators, EachHasACase) {
  std::set<std::string> tested;
  for (const testing::OperatorCase& tested_case : testing::operator_cases()) {
    const Model model = testing::model_of(tested_case);
    for (const onnx::NodeProto& node : model.proto().graph().node()) tested.insert(node.op_type());
  }
  for (const MappedOperator& mapped : mapped_operators()) {
    EXPECT_TRUE(tested.contains(std::string(mapped.op_type))) << mapped.op_type;
  }
}

TEST(RequireMapped, NamesNodeAndOperator) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[2,3]
    y = Det(x) "odd"
    output y: float32
  )");
  EXPECT_OCTAVO_ERROR(require_mapped(model), ErrorCode::kUnsupported, "'odd' (Det)");
}

TEST(RequireMapped, NamesAFormThatIsNotMapped) {
  const Model model = testing::parse_graph(R"(
    opset 18
    input x: float32[1,2,4,5]
    const s: float32[4] = 1 1 2 2
    y = Resize(x, _, s) {coordinate_transformation_mode="tf_crop_and_resize"} "up"
    output y: float32
  )");
  EXPECT_OCTAVO_ERROR(require_mapped(model), ErrorCode::kUnsupported, "'up' (Resize)",
                      "tf_crop_and_resize");
}

}  // namespace
}  // namespace octavo
