#include "prepare/prepare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/print.h"
#include "octavo/executor.h"
#include "onnx/onnx-ml.pb.h"
#include "prepare/pass_testing.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

using testing::parse_graph;

// BatchNormalization behind an Identity behind a Conv whose weights are computed: four passes.
constexpr std::string_view kBefore = R"(opset 11
input x: float32[N,1,2,2]
const one: float32[1] = 1
const four: float32[1] = 4
k = Constant() {value=float32[1,1,1,1](3)}
w = Neg(k)
c = Conv(x, w) "conv"
i = Identity(c)
n = BatchNormalization(i, four, one, one, four) {epsilon=0.0}
y = Clip(n, one)
output y: float32[N,1,2,2]
)";

PrepareOptions options_without(std::vector<std::string> disabled) {
  PrepareOptions options;
  options.disabled = std::move(disabled);
  options.opset = 13;
  options.evaluate = [](const Model& model) {
    return make_constant_evaluator(*make_executor("onnxruntime"))(model);
  };
  return options;
}

TEST(Prepare, RunsPassesUntilNoneFindsAnything) {
  const Model model = parse_graph(kBefore);
  const PreparedModel prepared = prepare(model, options_without({}));
  EXPECT_EQ(print_graph(prepared.model), R"(opset 13
input x: float32[N,1,2,2]
const one: float32[1] = 1
const w: float32[1,1,1,1] = -6
const conv_bias: float32[1] = -1
n = Conv(x, w, conv_bias) "conv"
y = Clip(n, one) "Clip_y"
output y: float32[N,1,2,2]
)");
}

TEST(Prepare, ChangesNothingTheSecondTime) {
  const PreparedModel once = prepare(parse_graph(kBefore), options_without({}));
  const PreparedModel twice = prepare(once.model, options_without({}));
  EXPECT_EQ(print_graph(twice.model), print_graph(once.model));
  for (const PassReport& report : twice.passes) EXPECT_TRUE(report.changes.empty()) << report.pass;
}

TEST(Prepare, ReportsWhatEachPassChanged) {
  const PreparedModel prepared = prepare(parse_graph(kBefore), options_without({}));
  ASSERT_EQ(prepared.passes.size(), preparation_passes().size());
  for (std::size_t i = 0; i < prepared.passes.size(); ++i) {
    EXPECT_EQ(prepared.passes[i].pass, preparation_passes()[i].name);
  }
  const auto report = std::find_if(prepared.passes.begin(), prepared.passes.end(),
                                   [](const auto& r) { return r.pass == "fold_batchnorm"; });
  EXPECT_EQ(report->changes,
            (std::vector<PassNote>{{"BatchNormalization_n", "folded into node 'conv' (Conv)"}}));
}

TEST(Prepare, SkipsDisabledPasses) {
  const PreparedModel prepared =
      prepare(parse_graph(kBefore), options_without({"fold_batchnorm", "lower_batchnorm"}));
  EXPECT_NE(print_graph(prepared.model).find("BatchNormalization"), std::string::npos);
  EXPECT_EQ(prepared.passes.size(), preparation_passes().size() - 2);
}

class DisabledPass : public ::testing::TestWithParam<PassInfo> {};

TEST_P(DisabledPass, LeavesAWorkingPreparation) {
  const Model model = parse_graph(kBefore);
  const PreparedModel prepared = prepare(model, options_without({std::string(GetParam().name)}));
  testing::expect_same_outputs(model, prepared.model);
}

INSTANTIATE_TEST_SUITE_P(EveryPass, DisabledPass, ::testing::ValuesIn(preparation_passes()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(Prepare, DoesNothingToAnEmptyGraph) {
  const Model model = parse_graph("opset 13\ninput x: float32[2]\noutput x: float32[2]\n");
  EXPECT_EQ(print_graph(prepare(model, options_without({})).model), print_graph(model));
}

TEST(Prepare, RefusesUnknownPassesAndOpsets) {
  const Model model = parse_graph("opset 13\ninput x: float32[2]\noutput x: float32[2]\n");
  EXPECT_OCTAVO_ERROR(prepare(model, options_without({"fold_everything"})),
                      ErrorCode::kInvalidArgument, "'fold_everything'", "fold_batchnorm");
  for (const int opset : {-1, 12, 22}) {
    PrepareOptions options;
    options.opset = opset;
    EXPECT_OCTAVO_ERROR(prepare(model, options), ErrorCode::kInvalidArgument,
                        "expected 0 or 13 to 21");
  }
}

TEST(Prepare, RefusesBrokenModels) {
  const Model model = testing::parse_broken_graph("opset 13\ny = Relu(x)\noutput y\n");
  EXPECT_OCTAVO_ERROR(prepare(model, {}), ErrorCode::kInvalidModel, "prepare", "'x'");
}

TEST(Prepare, PassesOverTypesThatOctavoDoesNotRead) {
  onnx::ModelProto proto =
      parse_graph("opset 13\ninput x: float32[2]\na = Identity(x)\ny = Relu(a)\noutput y\n")
          .proto();
  for (auto* info : {proto.mutable_graph()->mutable_input(0), proto.mutable_graph()->add_input()}) {
    info->set_name(info->name().empty() ? "text" : info->name());
    info->mutable_type()->mutable_tensor_type()->set_elem_type(
        info->name() == "text" ? onnx::TensorProto::STRING : onnx::TensorProto::COMPLEX64);
  }
  proto.mutable_graph()->add_input()->set_name("list");
  proto.mutable_graph()->mutable_input(2)->mutable_type()->mutable_sequence_type();
  const PreparedModel prepared = prepare(Model(std::move(proto)), options_without({}));
  EXPECT_EQ(prepared.model.proto().graph().node_size(), 1);
}

TEST(PreparationPasses, HaveOneLineOfHelp) {
  for (const PassInfo& info : preparation_passes()) {
    EXPECT_FALSE(info.help.empty()) << info.name;
    EXPECT_EQ(info.help.find('\n'), std::string_view::npos) << info.name;
  }
}

}  // namespace
}  // namespace octavo
