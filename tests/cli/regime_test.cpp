// `octavo quantize --regime` and `--min-layer-sqnr`: which layers stay float, and why.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "cli/cli_fixture.h"

namespace octavo {
namespace {

using testing::ProgramResult;
using testing::run_octavo;

class Regime : public testing::Cli {
 protected:
  // Nodes and constants of the plan that quantizing with these flags writes.
  nlohmann::json plan_with(const std::string& flags) const {
    const ProgramResult result = run_octavo(
        "quantize " + path("model.onnx") + " --calibration " + path("data.npz") +
        " --repair none -o " + path("out.onnx") + " --plan " + path("plan.json") + flags);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return nlohmann::json::parse(content_of("plan.json"));
  }

  static nlohmann::json node_of(const nlohmann::json& plan, const std::string& name) {
    for (const auto& node : plan["nodes"]) {
      if (node["name"] == name) return node;
    }
    ADD_FAILURE() << "no node '" << name << "' in " << plan.dump();
    return {};
  }

  static std::size_t scales_of(const nlohmann::json& plan, const std::string& node) {
    for (const auto& constant : plan["constants"]) {
      if (constant["node"] == node) return constant["scale"].size();
    }
    ADD_FAILURE() << "no constant of '" << node << "' in " << plan.dump();
    return 0;
  }
};

TEST_F(Regime, NaiveQuantizesAllThatTheTargetHas) {
  const nlohmann::json plan = plan_with(" --regime naive");
  EXPECT_EQ(node_of(plan, "conv")["decision"], "quantized");
  EXPECT_EQ(node_of(plan, "classify")["decision"], "quantized");
}

TEST_F(Regime, HybridKeepsTheLastLayerAndSmallOnesFloat) {
  const nlohmann::json plan = plan_with(" --regime hybrid");
  EXPECT_EQ(node_of(plan, "conv")["reason"], "excluded by 'fewer-parameters=1000: float'");
  EXPECT_EQ(node_of(plan, "classify")["reason"], "excluded by 'last=1: float'");
}

TEST_F(Regime, SelectiveHasAScalePerChannelAndAFlagGoesOverIt) {
  const nlohmann::json plan = plan_with(" --regime selective");
  EXPECT_EQ(scales_of(plan, "conv"), 16U);
  EXPECT_EQ(scales_of(plan, "classify"), 4U);
  const nlohmann::json per_tensor =
      plan_with(" --regime naive --granularity per-tensor --coverage widest");
  EXPECT_EQ(scales_of(per_tensor, "conv"), 1U);
}

TEST_F(Regime, LayersWhoseCodesKeepTooLittleStayFloatAndSayHowMuch) {
  const std::string flags = " --coverage widest --min-layer-sqnr ";
  const std::string reason = node_of(plan_with(flags + "200"), "conv")["reason"];
  EXPECT_TRUE(reason.starts_with("excluded by 'min-layer-sqnr 200: it keeps ")) << reason;
  EXPECT_TRUE(reason.ends_with(" dB'")) << reason;
  plan_with(" --coverage widest");
  const std::string all = content_of("out.onnx");
  EXPECT_EQ(node_of(plan_with(flags + "5"), "conv")["decision"], "quantized");
  EXPECT_EQ(content_of("out.onnx"), all);
}

TEST_F(Regime, TheResultOfALayerInFloatIsObservedWhereTheNextOneReadsIt) {
  const nlohmann::json plan = plan_with(" --coverage widest --exclude conv");
  EXPECT_EQ(node_of(plan, "classify")["decision"], "quantized");
  EXPECT_EQ(node_of(plan, "conv")["decision"], "float");
}

}  // namespace
}  // namespace octavo
