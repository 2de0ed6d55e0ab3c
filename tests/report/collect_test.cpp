#include "report/collect.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>

#include "octavo/quantize.h"
#include "octavo/report.h"
#include "report/depth_error.h"
#include "report/graph_report.h"
#include "report/result_report.h"
#include "support/graph_text.h"
#include "support/paths.h"

namespace octavo {
namespace {

class RandomDataset final : public Dataset {
 public:
  std::size_t size() const override { return 6; }
  bool labelled() const override { return false; }
  Sample at(std::size_t index) const override {
    std::mt19937 random(static_cast<std::uint32_t>(index) + 1);
    std::normal_distribution<float> normal(0, 1);
    Tensor tensor(DType::kFloat32, {1, 3, 16, 16});
    for (float& value : tensor.mutable_as<float>()) value = normal(random);
    Sample sample;
    sample.inputs.push_back(std::move(tensor));
    sample.name = "random";
    return sample;
  }
};

// The names are what a page must not take for HTML or the end of a script.
constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[1,3,16,16]
  const w1: float32[8,3,3,3] = random(1)
  const s1: float32[8] = random(2, 0.5, 1.5)
  const t1: float32[8] = random(3)
  const m1: float32[8] = random(4)
  const v1: float32[8] = random(5, 0.5, 1.5)
  const w2: float32[8,8,1,1] = random(6)
  const w3: float32[8,10] = random(7)
  c1 = Conv(x, w1) {pads=[1,1,1,1]} "</script><script>alert(1)</script>"
  n1 = BatchNormalization(c1, s1, t1, m1, v1) "norm"
  r1 = Relu(n1) "relu"
  c2 = Conv(r1, w2) "<img src=x onerror=alert(2)>"
  a2 = Add(c2, r1) "add"
  p2 = GlobalAveragePool(a2) "pool"
  f2 = Flatten(p2) "flatten"
  e2 = Erf(f2) "float"
  y = Gemm(e2, w3) "classifier"
  output y: float32[1,10]
)";

Json read(const std::filesystem::path& path) {
  std::ifstream stream(path);
  return Json::parse(stream);
}

const Json* find(const Json& list, const char* key, std::string_view value) {
  for (const Json& entry : list) {
    if (entry[key] == value) return &entry;
  }
  return nullptr;
}

class Collect : public ::testing::Test {
 protected:
  void SetUp() override {
    QuantizeOptions options;
    options.stage = [&](std::string_view name) { stages_.emplace_back(name); };
    options.explain = [&](const Evidence& evidence) {
      CollectOptions collecting;
      collecting.data = &data_;
      collect(evidence, model_, collecting, folder_);
    };
    const QuantizeResult result = quantize_model(model_, data_, options);
    folder_.write("result.json",
                  result_json(result, options, {.float_bytes = 4000, .quantized_bytes = 1000}));
    folder_.finish();
  }

  testing::TemporaryDirectory scratch_;
  Model model_ = testing::parse_graph(kNetwork);
  RandomDataset data_;
  RunFolder folder_{
      scratch_ / "run",
      {.command = {"octavo"}, .octavo_version = "1", .target = "", .model = "", .data = {}}};
  std::vector<std::string> stages_;
};

TEST(ResultJson, SaysWhatRepairsDid) {
  QuantizeResult result;
  RepairOutcome& outcome = result.repairs.emplace_back();
  outcome.name = "equalize";
  outcome.held_out = 7;
  outcome.before_db = 10;
  outcome.after_db = 12.5;
  outcome.kept = true;
  outcome.added_operators = 3;
  outcome.changes = {{"conv", "channels scaled by up to 4"}};
  const Json json = result_json(result, {}, {})["repairs"][0];
  EXPECT_EQ(json["name"], "equalize");
  EXPECT_EQ(json["held_out"], 7);
  EXPECT_EQ(json["after_db"], 12.5);
  EXPECT_EQ(json["kept"], true);
  EXPECT_EQ(json["added_operators"], 3);
  EXPECT_EQ(json["changes"][0]["node"], "conv");
  EXPECT_TRUE(json["refusals"].empty());
}

TEST_F(Collect, EveryNodeHasItsDecisionItsPlaceAndItsTime) {
  EXPECT_EQ(stages_, (std::vector<std::string>{"prepare", "calibrate", "choose coverage"}));
  const Json graph = read(folder_.path("graph.json"));
  ASSERT_EQ(graph["nodes"].size(), 8u);  // the BatchNormalization is folded
  const Json* first = find(graph["nodes"], "name", "</script><script>alert(1)</script>");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ((*first)["decision"], "quantized");
  EXPECT_EQ((*first)["inputs"], Json{"x"});  // weights are not activations
  EXPECT_EQ((*find(graph["nodes"], "name", "relu"))["decision"], "absorbed");
  const Json* left_float = find(graph["nodes"], "name", "float");
  EXPECT_EQ((*left_float)["decision"], "float");
  EXPECT_FALSE((*left_float)["reason"].get<std::string>().empty());
  double timed = 0;
  for (const Json& node : graph["nodes"]) {
    timed += node.value("float_us", 0.0) > 0 && node.value("quantized_us", 0.0) > 0 ? 1 : 0;
  }
  EXPECT_GE(timed, 3);
  EXPECT_GT(graph["conversion_us"].get<double>(), 0);
  for (const Json& edge : graph["edges"]) {
    EXPECT_LT(graph["nodes"][edge[0].get<std::size_t>()]["layer"],
              graph["nodes"][edge[1].get<std::size_t>()]["layer"]);
  }
}

TEST_F(Collect, TheErrorAlongTheDepthIsMeasuredAndIncludesWhatCameBefore) {
  const Json tensors = read(folder_.path("tensors.json"))["tensors"];
  std::size_t measured = 0;
  for (const Json& tensor : tensors) {
    if (!tensor.contains("depth_sqnr_db")) continue;
    ++measured;
    EXPECT_GT(tensor["depth_sqnr_db"].get<double>(), 15) << tensor["name"];
    EXPECT_GT(tensor["depth_rmse"].get<double>(), 0) << tensor["name"];
  }
  EXPECT_GE(measured, 3u);
  EXPECT_FALSE(find(tensors, "name", "x")->contains("depth_sqnr_db"));
  // One weight and one input before it: a few decibels below its own quantizer's.
  const Json& relu = *find(tensors, "name", "r1");
  EXPECT_LT(relu["depth_sqnr_db"].get<double>(), relu["sqnr_db"].get<double>());
}

TEST_F(Collect, WeightsThatPreparationFoldedShowBothStates) {
  const Json weights = read(folder_.path("weights.json"))["weights"];
  ASSERT_EQ(weights.size(), 3u);
  EXPECT_TRUE(
      find(weights, "node", "</script><script>alert(1)</script>")->contains("boxes_before"));
  EXPECT_FALSE(find(weights, "node", "classifier")->contains("boxes_before"));
}

TEST_F(Collect, ThePageHoldsEveryNameAsDataOnly) {
  const std::string page = make_report(folder_.path(""));
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  EXPECT_EQ(page.find("<img src=x"), std::string::npos);
  EXPECT_NE(page.find("\\u003c/script\\u003e\\u003cscript\\u003ealert(1)"), std::string::npos);
  EXPECT_LT(page.size(), 3'000'000u);
  const Json result = read(folder_.path("result.json"));
  EXPECT_EQ(result["quantized_bytes"], 1000);
  EXPECT_EQ(result["samples"], 6);
  EXPECT_GT(result["decisions"]["quantized"], 2);
}

}  // namespace
}  // namespace octavo
