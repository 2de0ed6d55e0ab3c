#include "repair/staged_run.h"

#include <gtest/gtest.h>

#include <mutex>

#include "rewrite/rewrite.h"
#include "support/graph_text.h"
#include "support/noise_dataset.h"
#include "support/planned.h"

namespace octavo {
namespace {

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[N,2,4,4]
  const w1: float32[2,2,1,1] = 0.5 -0.25 0.75 1
  const w2: float32[2,2,1,1] = 1 0.5 -1 0.25
  const w3: float32[2,2,1,1] = 1 1 0.5 -1
  a = Conv(x, w1) "one"
  b = Relu(a) "relu"
  c = Conv(b, w2) "two"
  d = Add(b, c) "add"
  y = Conv(d, w3) "three"
  output y: float32[N,2,4,4]
)";

using Names = std::vector<std::string>;

TEST(CutBefore, ReadsCodesWhereThereAreCodes) {
  const Model model = testing::parse_graph(kNetwork);
  const Model quantized = rewrite(model, testing::make_planned(model, {-2, 2}).plan);
  const Graph graph(quantized.proto().graph());
  EXPECT_EQ(cut_before(graph, {"one", "two", "three"}), (Names{"x_quantized"}));
  EXPECT_EQ(cut_before(graph, {"two", "three"}), (Names{"b_quantized"}));
  EXPECT_EQ(cut_before(graph, {"three"}), (Names{"d_quantized"}));
  EXPECT_EQ(cut_before(graph, {}), Names{});
}

TEST(CutBefore, ReadsFloatsElsewhere) {
  const Model model = testing::parse_graph(kNetwork);
  const Graph graph(model.proto().graph());
  EXPECT_EQ(cut_before(graph, {"one"}), (Names{"x"}));
  EXPECT_EQ(cut_before(graph, {"two"}), (Names{"b"})) << "the sum reads it too";
}

std::vector<Tensor> observed(const StagedRun& run, const Model& model, const std::string& tensor) {
  std::vector<Tensor> values(run.samples());
  const Names names = {tensor};
  run.observe(model, names,
              [&](std::size_t sample, std::size_t /*tensor*/, const TensorView& view) {
                values[sample] = {view.dtype, view.shape, {view.bytes.begin(), view.bytes.end()}};
              });
  return values;
}

TEST(StagedRun, GoesOnFromWhatItKept) {
  const Model model = testing::parse_graph(kNetwork);
  const auto executor = make_executor("onnxruntime");
  const testing::NoiseDataset data({1, 2, 4, 4}, 3);
  const StagedRun whole(data, *executor, 1);
  StagedRun staged(data, *executor, 2);
  staged.advance(model, {"two", "three"});
  staged.advance(model, {"three"});
  const auto wanted = observed(whole, model, "y");
  const auto found = observed(staged, model, "y");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_TRUE(std::equal(wanted[i].bytes().begin(), wanted[i].bytes().end(),
                           found[i].bytes().begin(), found[i].bytes().end()));
  }
}

TEST(StagedRun, DoesNotRunWhatLiesBefore) {
  const Model model = testing::parse_graph(kNetwork);
  const auto executor = make_executor("onnxruntime");
  const testing::NoiseDataset data({1, 2, 4, 4}, 2);
  StagedRun staged(data, *executor, 1);
  staged.advance(model, {"three"});
  // The first layer computes something else now; what was kept of it does not.
  Model other = testing::parse_graph(kNetwork);
  other.mutable_proto().mutable_graph()->mutable_node(0)->set_input(1, "w3");
  const auto before = observed(staged, model, "y");
  const auto after = observed(staged, other, "y");
  EXPECT_TRUE(std::equal(before[0].bytes().begin(), before[0].bytes().end(),
                         after[0].bytes().begin(), after[0].bytes().end()));
}

}  // namespace
}  // namespace octavo
