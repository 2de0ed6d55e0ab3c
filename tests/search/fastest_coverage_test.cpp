#include "search/fastest_coverage.h"

#include <gtest/gtest.h>

#include "plan/apply_recipe.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

// Three convolutions in a row, the first with a Relu, the second's result added to the first's.
constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[1,4,8,8]
  const w1: float32[4,4,1,1] = random(1)
  const w2: float32[4,4,1,1] = random(2)
  const w3: float32[4,4,1,1] = random(3)
  c1 = Conv(x, w1) "conv1"
  r1 = Relu(c1) "relu1"
  c2 = Conv(r1, w2) "conv2"
  a = Add(r1, c2) "add"
  y = Conv(a, w3) "conv3"
  output y: float32[1,4,8,8]
)";

using Kept = std::map<std::string, std::string, std::less<>>;

class FastestCoverage : public ::testing::Test {
 protected:
  FastestCoverage()
      : model_(testing::parse_graph(kNetwork)),
        graph_(model_.proto().graph()),
        placement_(place(graph_, load_profile("onnxruntime-x86"), {})) {
    for (const char* node : {"conv1", "conv2", "add", "conv3"}) costs_.nodes[node] = {10, 5};
    for (const QuantizedActivation& tensor : placement_.activations) {
      costs_.elements[tensor.tensor] = 256;
    }
    costs_.conversion = 1;
    costs_.quantize_per_element = 0.002;
    costs_.dequantize_per_element = 0.002;
  }

  Kept kept() const { return fastest_in_float(graph_, placement_, costs_); }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [node, reason] : kept()) names.push_back(node);
    return names;
  }

  Model model_;
  Graph graph_;
  Placement placement_;
  CoverageCosts costs_;
};

TEST_F(FastestCoverage, IntegersEverywhereWhereTheyAreFaster) { EXPECT_EQ(kept(), Kept{}); }

TEST_F(FastestCoverage, ASlowFirstLayerStaysFloatAndSaysWhy) {
  costs_.nodes["conv1"] = {10, 25};
  ASSERT_EQ(names(), std::vector<std::string>{"conv1"});
  EXPECT_EQ(kept().at("conv1"), "float is faster here: 10.0 us, as integers 25.0");
}

TEST_F(FastestCoverage, ASlowLayerStaysOnIntegersWhereConversionsCostMore) {
  costs_.nodes["conv2"] = {10, 12};  // two conversions at 1.5 us each
  EXPECT_EQ(kept(), Kept{});
  costs_.nodes["conv2"] = {10, 14};
  EXPECT_EQ(names(), std::vector<std::string>{"conv2"});
}

TEST_F(FastestCoverage, AFastLayerAmongSlowOnesIsNotWorthConverting) {
  for (const char* node : {"conv1", "add", "conv3"}) costs_.nodes[node] = {5, 20};
  costs_.nodes["conv2"] = {10, 8};
  ASSERT_EQ(names(), (std::vector<std::string>{"add", "conv1", "conv2", "conv3"}));
  EXPECT_EQ(kept().at("conv2"),
            "converting to and from integers would cost more than the 2.0 us that it saves");
}

TEST_F(FastestCoverage, OneConversionServesAllReaders) {
  // r1 goes to conv2 and add: float readers of integers share one DequantizeLinear.
  costs_.nodes["conv1"] = {10, 8.4};
  costs_.nodes["conv2"] = {5, 20};
  costs_.nodes["add"] = {5, 20};
  costs_.nodes["conv3"] = {5, 20};
  costs_.elements["x"] = 0;
  costs_.conversion = 0.5;  // of x; r1: 0.5 + 0.512, once, is less than the 1.6 saved; twice not
  EXPECT_EQ(names(), (std::vector<std::string>{"add", "conv2", "conv3"}));
}

}  // namespace
}  // namespace octavo
