#include "repair/smooth.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "model/print.h"
#include "octavo/quantize.h"
#include "repair/outlier_network.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

QuantizeResult quantized(const Model& model, int threads = 2) {
  QuantizeOptions options;
  options.repairs = {"smooth"};
  options.threads = threads;
  return quantize_model(model, testing::NoiseDataset({1, 6, 64}, 48), options);
}

TEST(Smooth, TakesOutliersOutOfActivations) {
  const QuantizeResult result = quantized(testing::with_outliers(60));
  ASSERT_EQ(result.repairs.size(), 1U);
  const RepairOutcome& smooth = result.repairs[0];
  EXPECT_TRUE(smooth.kept);
  EXPECT_GT(smooth.after_db, smooth.before_db + 3);
  const auto changed = [&](std::string_view node) {
    return std::any_of(smooth.changes.begin(), smooth.changes.end(),
                       [&](const RepairNote& note) { return note.node == node; });
  };
  EXPECT_TRUE(changed("up"));
  EXPECT_TRUE(changed("side")) << "it reads the same tensor";
}

TEST(Smooth, ProposesWhatComputesTheSame) {
  const Model model = testing::with_outliers(60);
  const auto executor = make_executor("onnxruntime");
  const testing::NoiseDataset data({1, 6, 64}, 12);
  const auto proposals = propose_smooth({model, data, *executor, 2});
  ASSERT_EQ(proposals.size(), 1U);
  EXPECT_EQ(proposals[0].exactness, Exactness::kExact);
  const Sample sample = data.at(3);
  const Tensor before = executor->load(model, {})->run(sample.inputs).front();
  const Tensor after = executor->load(proposals[0].model, {})->run(sample.inputs).front();
  double largest = 0;
  for (std::size_t i = 0; i < before.size(); ++i) largest = std::max(largest, before.at(i));
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_NEAR(before.at(i), after.at(i), 1e-4 * largest);
  }
}

TEST(Smooth, SaysWhatItLeavesAlone) {
  const Model model = testing::parse_graph(R"(
    opset 17
    input x: float32[N,6,64]
    const w: float32[64,48] = random(6)
    y = MatMul(x, w) "layer"
    output y: float32[N,6,48]
  )");
  const auto executor = make_executor("onnxruntime");
  const testing::NoiseDataset data({1, 6, 64}, 4);
  const auto proposals = propose_smooth({model, data, *executor, 1});
  EXPECT_TRUE(proposals[0].changes.empty());
  ASSERT_EQ(proposals[0].refusals.size(), 1U);
  EXPECT_EQ(proposals[0].refusals[0].text,
            "nothing takes its scales: 'x' is an input of the model");
}

TEST(Smooth, IsTheSameAtAnyNumberOfThreads) {
  const Model model = testing::with_outliers(60);
  EXPECT_EQ(print_graph(quantized(model, 1).model), print_graph(quantized(model, 3).model));
}

}  // namespace
}  // namespace octavo
