#include "report/tensor_report.h"

#include <gtest/gtest.h>

#include <numeric>

#include "calibration/calibrator.h"
#include "model/graph.h"
#include "plan/apply_recipe.h"
#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

constexpr std::string_view kConv = R"(
  opset 13
  input x: float32[1,2,4,4]
  const w: float32[3,2,1,1] = random(1)
  c = Conv(x, w) "conv"
  y = Relu(c) "relu"
  output y: float32[1,3,4,4]
)";

Sketch sketch_of(const std::vector<float>& values) {
  Sketch sketch;
  sketch.observe(values);
  return sketch;
}

TEST(LinearHistogram, CountsByHand) {
  EXPECT_EQ(linear_histogram(sketch_of({0, 0.1F, 0.9F, 2.1F, 3.9F, 4}), 4),
            (std::vector<std::uint64_t>{3, 0, 1, 2}));
}

TEST(LinearHistogram, NegativeValuesZerosAndEnds) {
  EXPECT_EQ(linear_histogram(sketch_of({-2, -1.5F, 0, 0, 1.5F, 2}), 2),
            (std::vector<std::uint64_t>{2, 4}));
}

TEST(LinearHistogram, OneValueAndNone) {
  EXPECT_EQ(linear_histogram(sketch_of({3, 3, 3}), 8), (std::vector<std::uint64_t>{3}));
  EXPECT_TRUE(linear_histogram(sketch_of({}), 8).empty());
  EXPECT_TRUE(linear_histogram(sketch_of({NAN, INFINITY}), 8).empty());
}

TEST(LinearHistogram, NoValueIsLost) {
  std::vector<float> values(10000);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::sin(static_cast<float>(i)) * std::exp(static_cast<float>(i % 17));
  }
  const auto counts = linear_histogram(sketch_of(values), kHistogramBins);
  ASSERT_EQ(counts.size(), kHistogramBins);
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), values.size());
}

class TensorsJson : public ::testing::Test {
 protected:
  void SetUp() override {
    const Graph graph(model_.proto().graph());
    profile_ = apply_recipe(load_profile("onnxruntime-x86"), {});
    placement_ = place(graph, profile_, placement_options(graph, {}));
    for (const std::string& tensor : placement_.observed_tensors()) {
      statistics_.tensors()[tensor].observe(0, std::vector<float>{-1, 0, 0, 0.5F, 1, 7});
    }
    plan_ = make_plan(graph, placement_, statistics_, profile_, {});
  }

  Json tensors(int threads = 1) {
    const Evidence evidence{model_, profile_, placement_, statistics_,
                            plan_,  model_,   sample_,    model_};
    return tensors_json(evidence, threads)["tensors"];
  }

  Model model_ = testing::parse_graph(kConv);
  Profile profile_;
  Placement placement_;
  Statistics statistics_;
  Plan plan_;
  Sample sample_;
};

TEST_F(TensorsJson, SaysWhatWasSeenAndChosen) {
  const Json list = tensors();
  ASSERT_EQ(list.size(), 2u);
  const Json& input = list[0];
  EXPECT_EQ(input["name"], "x");
  EXPECT_EQ(input["dtype"], "uint8");
  EXPECT_EQ(input["bits"], 8);
  EXPECT_EQ(input["values"], 6);
  EXPECT_EQ(input["zeros"], 2);
  EXPECT_EQ(input["seen"], (Json{-1, 7}));
  EXPECT_NEAR(input["scale"].get<double>(), plan_.activations[0].params.scale[0], 1e-6);
  EXPECT_EQ(input["calibrator"], "mse");
  EXPECT_GT(input["sqnr_db"].get<double>(), 30);
}

TEST_F(TensorsJson, EveryRegisteredCalibratorAnswers) {
  const Json input = tensors()[0];
  ASSERT_EQ(input["candidates"].size(), calibrators().size());
  for (std::size_t i = 0; i < calibrators().size(); ++i) {
    const Json& candidate = input["candidates"][i];
    EXPECT_EQ(candidate["asked"], std::string(calibrators()[i].name));
    EXPECT_LE(candidate["range"][0].get<double>(), candidate["range"][1].get<double>());
  }
  const auto chosen = std::find_if(input["candidates"].begin(), input["candidates"].end(),
                                   [](const Json& entry) { return entry["asked"] == "mse"; });
  EXPECT_EQ((*chosen)["range"], input["range"]);
}

TEST_F(TensorsJson, IsTheSameOnAnyNumberOfThreads) { EXPECT_EQ(tensors(1), tensors(4)); }

TEST_F(TensorsJson, TellsWhatIsNotFinite) {
  statistics_.tensors().at("x").observe(1, std::vector<float>{NAN, INFINITY, 2});
  EXPECT_EQ(tensors()[0]["not_finite"], 2);
}

}  // namespace
}  // namespace octavo
