#include <gtest/gtest.h>

#include <fstream>

#include "plan/resolve_rules.h"
#include "plan/selector.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

// Two residual blocks, the second with a projection, and a classifier.
constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,2,4,4]
  const w: float32[2,2,1,1] = random(1)
  const wide: float32[4,2,1,1] = random(2)
  const square: float32[4,4,3,3] = random(3)
  const head: float32[64,3] = random(4)
  a = Conv(x, w) "stem"
  b = Conv(a, w) "one/conv"
  c = Relu(b) "one/relu"
  d = Conv(c, w) "one/conv2"
  e = Add(a, d) "one/add"
  f = Conv(e, wide) "two/conv"
  g = Relu(f) "two/relu"
  h = Conv(g, square) {pads=[1,1,1,1]} "two/conv2"
  p = Conv(e, wide) "two/projection"
  s = Add(p, h) "two/add"
  t = Flatten(s) "flatten"
  y = Gemm(t, head) "head"
  output y: float32[N,3]
)";

std::vector<std::string> selected_by(std::string_view selectors) {
  const Model model = testing::parse_graph(kNetwork);
  const Graph graph(model.proto().graph());
  Recipe recipe;
  recipe.rules = {parse_rule(std::string(selectors) + ": float")};
  const SettingsByNode settings = resolve_rules(graph, recipe);
  std::vector<std::string> nodes;
  for (const onnx::NodeProto& node : graph.proto().node()) {
    if (settings.contains(node.name())) nodes.push_back(node.name());
  }
  return nodes;
}

using Names = std::vector<std::string>;

TEST(Selectors, EachFindsItsNodes) {
  EXPECT_EQ(selected_by("all").size(), 12u);
  EXPECT_EQ(selected_by("name=one/add|head"), (Names{"one/add", "head"}));
  EXPECT_EQ(selected_by("regex=two/.*2"), (Names{"two/conv2"}));
  EXPECT_EQ(selected_by("op=Add|Gemm"), (Names{"one/add", "two/add", "head"}));
  EXPECT_EQ(selected_by("between=a->e"), (Names{"one/conv", "one/relu", "one/conv2", "one/add"}));
  EXPECT_EQ(selected_by("fewer-parameters=8"), (Names{"stem", "one/conv", "one/conv2"}));
  EXPECT_EQ(selected_by("block=Conv-Relu-Conv"),
            (Names{"one/conv", "one/relu", "one/conv2", "two/conv", "two/relu", "two/conv2"}));
  EXPECT_EQ(selected_by("skip"), (Names{"one/add", "two/projection", "two/add"}));
}

TEST(Selectors, FirstAndLastCountLayersAmongWhatTheOthersLeave) {
  EXPECT_EQ(selected_by("first=1"), Names{"stem"});
  EXPECT_EQ(selected_by("last=2"), (Names{"two/projection", "head"}));
  EXPECT_EQ(selected_by("last=1,op=Conv"), Names{"two/projection"});
  EXPECT_EQ(selected_by("op=Add,first=1"), Names{"one/add"});
  EXPECT_EQ(selected_by("last=100").size(), 7u);
}

TEST(Selectors, ASkipNeedsALongerWayBesideIt) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,2,4,4]
    const w: float32[2,2,1,1] = random(1)
    a = Conv(x, w) "left"
    b = Conv(x, w) "right"
    c = Add(a, b) "add"
    y = Add(c, c) "twice"
    output y: float32[N,2,4,4]
  )");
  Recipe recipe;
  recipe.rules = {parse_rule("skip: float")};
  EXPECT_OCTAVO_ERROR(resolve_rules(Graph(model.proto().graph()), recipe),
                      ErrorCode::kInvalidArgument, "rule 'skip: float'", "no node has the skip");
}

TEST(Selectors, WhatIsNotThereIsAnErrorWithNearNames) {
  EXPECT_OCTAVO_ERROR(selected_by("name=one/cnv"), ErrorCode::kInvalidArgument,
                      "rule 'name=one/cnv: float'", "no node 'one/cnv'", "near: one/conv");
  EXPECT_OCTAVO_ERROR(selected_by("op=conv"), ErrorCode::kInvalidArgument, "type 'conv'",
                      "near: Conv");
  EXPECT_OCTAVO_ERROR(selected_by("between=a->z9"), ErrorCode::kInvalidArgument, "tensor 'z9'");
  EXPECT_OCTAVO_ERROR(selected_by("op=Add,fewer-parameters=9"), ErrorCode::kInvalidArgument,
                      "fewer-parameters '9'", "its other selectors leave");
  EXPECT_OCTAVO_ERROR(selected_by("first=0"), ErrorCode::kInvalidArgument, "first=0",
                      "whole number above 0");
  EXPECT_OCTAVO_ERROR(selected_by("regex=a("), ErrorCode::kInvalidArgument, "rule 'regex=a(",
                      "not a regular expression");
}

TEST(Rules, ARuleOfARegimeMayFindNothing) {
  const Model model = testing::parse_graph(kNetwork);
  Recipe recipe;
  recipe.rules = {parse_rule("op=LSTM: float")};
  recipe.rules.back().match = RuleMatch::kOptional;
  EXPECT_TRUE(resolve_rules(Graph(model.proto().graph()), recipe).empty());
}

TEST(Rules, TextsThatAreNoRulesAreErrors) {
  EXPECT_OCTAVO_ERROR(parse_rule("first=1"), ErrorCode::kInvalidArgument, "rule 'first=1'",
                      "SELECTORS: SETTINGS");
  EXPECT_OCTAVO_ERROR(parse_rule("frist=1: float"), ErrorCode::kInvalidArgument,
                      "unknown selector 'frist'", "first");
  EXPECT_OCTAVO_ERROR(parse_rule("first: float"), ErrorCode::kInvalidArgument, "expected first=N");
  EXPECT_OCTAVO_ERROR(parse_rule("skip=1: float"), ErrorCode::kInvalidArgument, "expected skip");
  EXPECT_OCTAVO_ERROR(parse_rule("between=a: float"), ErrorCode::kInvalidArgument,
                      "between=TENSOR->TENSOR");
  EXPECT_OCTAVO_ERROR(parse_rule("all: int12"), ErrorCode::kInvalidArgument,
                      "unknown setting 'int12'", "activation-type");
  EXPECT_OCTAVO_ERROR(parse_rule("all: float=1"), ErrorCode::kInvalidArgument, "expected float");
  EXPECT_OCTAVO_ERROR(parse_rule("all: granularity=none"), ErrorCode::kInvalidArgument,
                      "granularity: 'none'", "per-channel");
  EXPECT_OCTAVO_ERROR(parse_rule("all: weight-bits=1"), ErrorCode::kInvalidArgument, "weight-bits",
                      "'1'");
}

Plan plan_of(const std::vector<std::string>& texts) {
  Recipe recipe;
  recipe.activation_calibrator = {"min-max", {}};
  for (const std::string& text : texts) recipe.rules.push_back(parse_rule(text));
  return testing::make_planned(testing::parse_graph(kNetwork), {-1, 1}, recipe).plan;
}

const PlannedConstant& weight_of(const Plan& plan, std::string_view node) {
  for (const PlannedConstant& constant : plan.constants) {
    if (constant.node == node) return constant;
  }
  throw Error(ErrorCode::kNotFound, std::string(node));
}

const PlannedActivation& activation_of(const Plan& plan, std::string_view tensor) {
  for (const PlannedActivation& activation : plan.activations) {
    if (activation.tensor == tensor) return activation;
  }
  throw Error(ErrorCode::kNotFound, std::string(tensor));
}

const NodePlacement& node_of(const Plan& plan, std::string_view name) {
  for (const NodePlacement& node : plan.nodes) {
    if (node.node == name) return node;
  }
  throw Error(ErrorCode::kNotFound, std::string(name));
}

TEST(Rules, WeightSettingsHoldForTheirNodesOnly) {
  const Plan plan = plan_of({"name=stem: weight-bits=4,granularity=per-tensor",
                             "name=head: weight-type=uint8,weights=asymmetric"});
  const QuantParams& stem = weight_of(plan, "stem").params;
  EXPECT_EQ(stem.granularity(), Granularity::kPerTensor);
  EXPECT_EQ(code_range(stem.scheme), (CodeRange{-7, 7}));
  EXPECT_EQ(weight_of(plan, "head").params.scheme.dtype, DType::kUint8);
  const QuantParams& other = weight_of(plan, "one/conv").params;  // the same tensor as the stem's
  EXPECT_EQ(other.granularity(), Granularity::kPerChannel);
  EXPECT_EQ(code_range(other.scheme), (CodeRange{-127, 127}));
}

TEST(Rules, ActivationSettingsHoldForAllThatANodeReadsAndMakes) {
  const Plan plan = plan_of({"name=one/conv2: activation-type=int16,activations=symmetric"});
  EXPECT_EQ(plan.opset, 21);
  EXPECT_EQ(activation_of(plan, "c").params.scheme.dtype, DType::kInt16);
  EXPECT_EQ(activation_of(plan, "d").params.scheme.dtype, DType::kInt16);
  EXPECT_EQ(activation_of(plan, "a").params.scheme.dtype, DType::kUint8);
}

TEST(Rules, BetweenTwoNodesTheLaterRuleHolds) {
  const std::string wide = "name=two/conv: activation-type=int16,calibrator=max";
  const std::string narrow = "name=one/add: activation-type=int8";
  const PlannedActivation last_wide = activation_of(plan_of({narrow, wide}), "e");
  EXPECT_EQ(last_wide.params.scheme.dtype, DType::kInt16);
  const PlannedActivation last_narrow = activation_of(plan_of({wide, narrow}), "e");
  EXPECT_EQ(last_narrow.params.scheme.dtype, DType::kInt8);
  EXPECT_EQ(last_narrow.calibrator.name, "max") << "what the later rule leaves open stays";
}

TEST(Rules, IncludeTakesBackWhatWasExcluded) {
  const Plan plan = plan_of({"all: float", "name=stem: include"});
  EXPECT_EQ(node_of(plan, "stem").decision, Decision::kQuantized);
  EXPECT_EQ(node_of(plan, "stem").rules, "all: float; name=stem: include");
  EXPECT_EQ(node_of(plan, "head").decision, Decision::kFloat);
  EXPECT_EQ(node_of(plan, "head").reason, "excluded by 'all: float'");
}

TEST(Rules, WhatTheTargetLacksNamesTheRule) {
  EXPECT_OCTAVO_ERROR(plan_of({"all: activation-type=int4"}), ErrorCode::kUnsupported,
                      "rule 'all: activation-type=int4'", "int4 activations", "uint8");
  EXPECT_OCTAVO_ERROR(plan_of({"all: weight-bits=9"}), ErrorCode::kInvalidArgument,
                      "rule 'all: weight-bits=9'", "int8 has 8");
}

class RulesFile : public ::testing::Test {
 protected:
  std::vector<Rule> read(std::string_view text) {
    std::ofstream(path_) << text;
    return read_rules(path_);
  }
  ~RulesFile() override { std::filesystem::remove(path_); }

  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() /
      (std::string("octavo_") + ::testing::UnitTest::GetInstance()->current_test_info()->name() +
       ".yaml");
};

TEST_F(RulesFile, SaysTheSameAsTexts) {
  const std::vector<Rule> rules = read(R"(
rules:
  - select: {op: [Conv, Gemm], first: 1}
    float: true
  - select: {skip: true}
    activation-type: int16
    calibrator: percentile:99.9
  - select: {between: ["a, b", c]}
    weight-bits: 4
  - "last=1: include"
)");
  ASSERT_EQ(rules.size(), 4u);
  EXPECT_EQ(rules[0].text, "op=Conv|Gemm,first=1: float");
  EXPECT_EQ(rules[0].action, RuleAction::kExclude);
  EXPECT_EQ(rules[0].selectors[0].arguments, (Names{"Conv", "Gemm"}));
  EXPECT_EQ(rules[1].text, "skip: activation-type=int16,calibrator=percentile:99.9");
  EXPECT_EQ(rules[1].activation.dtype, DType::kInt16);
  EXPECT_EQ(rules[2].selectors[0].arguments, (Names{"a, b", "c"}));
  EXPECT_EQ(rules[2].weight.bits, 4);
  EXPECT_EQ(rules[3].action, RuleAction::kInclude);
}

TEST_F(RulesFile, ErrorsNameTheLine) {
  EXPECT_OCTAVO_ERROR(read("rules:\n  - select: {first: 1}\n"), ErrorCode::kInvalidFile, ".yaml:2",
                      "expected a setting");
  EXPECT_OCTAVO_ERROR(read("rules:\n  - select: {frist: 1}\n    float: true\n"),
                      ErrorCode::kInvalidFile, ".yaml:2", "'frist'", "first");
  EXPECT_OCTAVO_ERROR(read("rules:\n  - 'first=1: flaot'\n"), ErrorCode::kInvalidFile, ".yaml:2",
                      "'flaot'");
  EXPECT_OCTAVO_ERROR(read("rule: []\n"), ErrorCode::kInvalidFile, "rules");
  EXPECT_OCTAVO_ERROR(read("rules:\n  - select: {skip: false}\n    float: true\n"),
                      ErrorCode::kInvalidFile, "expected true");
}

TEST(NearNames, AreTheNearestFirst) {
  EXPECT_EQ(near_names("conv1", {"conv2_long_name", "conv10", "conv", "pool"}),
            (Names{"conv10", "conv"}));
  EXPECT_EQ(near_names("attention", {"layer/attention/q", "mlp"}), Names{"layer/attention/q"});
  EXPECT_TRUE(near_names("abc", {"xyz"}).empty());
}

}  // namespace
}  // namespace octavo
