#include "octavo/select.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "octavo/error.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::size_t kKinds = 4;

// Forty samples of four kinds, which differ in size; sample 30 is sample 2 again.
class FourKinds final : public Dataset {
 public:
  explicit FourKinds(bool labelled = true) : labelled_(labelled) {}
  std::size_t size() const override { return 40; }
  bool labelled() const override { return labelled_; }
  Sample at(std::size_t index) const override {
    if (index == 30) index = 2;
    Tensor tensor(DType::kFloat32, {1, 8});
    const auto values = tensor.mutable_as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto wave = static_cast<float>((index * 7 + i * i * 3 + index * i) % 11) - 5;
      values[i] = static_cast<float>(1 + 10 * (index % kKinds)) + 0.1F * wave;
    }
    Sample sample;
    sample.inputs.push_back(std::move(tensor));
    if (labelled_) sample.label = static_cast<std::int64_t>(index % kKinds);
    sample.name = "sample " + std::to_string(index);
    return sample;
  }

 private:
  bool labelled_;
};

CalibrationTask task() {
  Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,8]
    const two: float32[] = 2
    y = Mul(x, two) "double"
    output y: float32[N,8]
  )");
  return {std::move(model), {"x", "y"}};
}

SampleSelection pick(SelectionMethod method, std::size_t count, int threads = 1) {
  SelectionOptions options;
  options.method = method;
  options.count = count;
  options.threads = threads;
  return select_samples(task(), FourKinds(), *make_executor("onnxruntime"), options);
}

std::map<std::size_t, int> kinds_of(const SampleSelection& selection) {
  std::map<std::size_t, int> kinds;
  for (const std::size_t index : selection.picks) ++kinds[index == 30 ? 2 : index % kKinds];
  return kinds;
}

TEST(SelectSamples, ClustersAreRepresentedEachByOne) {
  const auto kinds = kinds_of(pick(SelectionMethod::kCluster, kKinds));
  EXPECT_EQ(kinds, (std::map<std::size_t, int>{{0, 1}, {1, 1}, {2, 1}, {3, 1}}));
}

TEST(SelectSamples, OfClustersEverySampleHasOneThatStandsForIt) {
  const SampleSelection selection = pick(SelectionMethod::kCluster, kKinds);
  ASSERT_EQ(selection.stand_ins.size(), FourKinds().size());
  for (std::size_t i = 0; i < selection.stand_ins.size(); ++i) {
    EXPECT_TRUE(std::ranges::binary_search(selection.picks, selection.stand_ins[i])) << i;
    const std::size_t kind = i == 30 ? 2 : i % kKinds;
    EXPECT_EQ(selection.stand_ins[i] % kKinds, kind) << i;
  }
  for (const std::size_t own : selection.picks) EXPECT_EQ(selection.stand_ins[own], own);
  EXPECT_TRUE(pick(SelectionMethod::kRandom, 3).stand_ins.empty());
}

TEST(SelectSamples, BalancedTakesAsManyOfEachLabel) {
  const auto kinds = kinds_of(pick(SelectionMethod::kBalanced, 2 * kKinds));
  EXPECT_EQ(kinds, (std::map<std::size_t, int>{{0, 2}, {1, 2}, {2, 2}, {3, 2}}));
}

TEST(SelectSamples, PicksAreDistinctAscendingAndTheSameOnAnyNumberOfThreads) {
  for (const auto method :
       {SelectionMethod::kCluster, SelectionMethod::kRandom, SelectionMethod::kBalanced}) {
    const auto picks = pick(method, 13).picks;
    EXPECT_EQ(picks.size(), 13u);
    for (std::size_t i = 1; i < picks.size(); ++i) EXPECT_LT(picks[i - 1], picks[i]);
    EXPECT_EQ(pick(method, 13, 3).picks, picks);
  }
  EXPECT_EQ(pick(SelectionMethod::kCluster, 40).picks.size(), 40u);
}

TEST(SelectSamples, IdenticalSamplesAreReportedFirst) {
  const auto alike = pick(SelectionMethod::kRandom, 1).alike;
  ASSERT_FALSE(alike.empty());
  EXPECT_EQ(alike.front().first, 2u);
  EXPECT_EQ(alike.front().second, 30u);
  EXPECT_EQ(alike.front().correlation, 1);
}

TEST(SelectSamples, RefusesWhatCannotBe) {
  EXPECT_OCTAVO_ERROR(pick(SelectionMethod::kRandom, 0), ErrorCode::kInvalidArgument,
                      "0 samples to select", "1 to 40");
  EXPECT_OCTAVO_ERROR(pick(SelectionMethod::kRandom, 41), ErrorCode::kInvalidArgument, "41");
  SelectionOptions options;
  options.method = SelectionMethod::kBalanced;
  EXPECT_OCTAVO_ERROR(
      select_samples(task(), FourKinds(false), *make_executor("onnxruntime"), options),
      ErrorCode::kInvalidData, "sample 0", "no label");
  EXPECT_OCTAVO_ERROR(parse_selection_method("best"), ErrorCode::kInvalidArgument, "'best'",
                      "cluster, random or balanced");
}

}  // namespace
}  // namespace octavo
