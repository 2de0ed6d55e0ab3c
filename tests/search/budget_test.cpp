#include "search/budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

namespace octavo {
namespace {

using LayerSet = std::vector<std::size_t>;

constexpr double kBudget = 0.01;

// A drop that is a sum over the layers that are quantized, and the sets it was asked for.
class Network {
 public:
  explicit Network(std::vector<double> drops) : drops_(std::move(drops)) {}

  double operator()(const LayerSet& kept) {
    EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end()));
    EXPECT_TRUE(asked_.insert(kept).second) << "one set was evaluated twice";
    double drop = 0;
    for (std::size_t i = 0; i < drops_.size(); ++i) {
      if (!std::binary_search(kept.begin(), kept.end(), i)) drop += drops_[i];
    }
    return drop;
  }

  std::size_t asked() const { return asked_.size(); }

 private:
  std::vector<double> drops_;
  std::set<LayerSet> asked_;
};

BudgetSearch searched(Network& network, std::size_t layers) {
  BudgetSearch search =
      search_budget(layers, kBudget, [&](const LayerSet& kept) { return network(kept); });
  EXPECT_EQ(search.evaluations, network.asked());
  EXPECT_LE(static_cast<double>(search.evaluations),
            4 + 3 * std::log2(static_cast<double>(std::max<std::size_t>(layers, 1))));
  return search;
}

BudgetSearch searched(const std::vector<double>& drops) {
  Network network(drops);
  return searched(network, drops.size());
}

TEST(Budget, StaysWithinFewerEvaluationsThanItMightTake) {
  std::vector<double> drops(64, 0.002);
  for (std::size_t most = 1; most <= 22; ++most) {
    Network network(drops);
    const BudgetSearch search = search_budget(
        drops.size(), kBudget, [&](const LayerSet& kept) { return network(kept); }, {most});
    EXPECT_LE(search.evaluations, most);
    EXPECT_EQ(search.evaluations, network.asked());
    EXPECT_EQ(search.met, search.drop <= kBudget);
    EXPECT_EQ(search.met, most >= 8) << most << ": 0, 1, 2, 4, 8, 16, 32, 64";
  }
}

TEST(Budget, OneEvaluationWhereAllMayBeQuantized) {
  const BudgetSearch search = searched(std::vector<double>(50, 1e-4));
  EXPECT_TRUE(search.met);
  EXPECT_TRUE(search.kept_float.empty());
  EXPECT_EQ(search.evaluations, 1u);
}

TEST(Budget, KeepsTheWorstLayers) {
  // 0.02, 0.01, 0.005, 0.0025, ...: all but the first two lose 0.01.
  std::vector<double> drops;
  for (int i = 0; i < 30; ++i) drops.push_back(std::ldexp(0.02, -i));
  const BudgetSearch search = searched(drops);
  EXPECT_TRUE(search.met);
  EXPECT_EQ(search.kept_float, (LayerSet{0, 1}));
  EXPECT_LE(search.drop, kBudget);
}

TEST(Budget, GivesBackWhatIsNotNeeded) {
  // The order was wrong: only layer 20 hurts.
  std::vector<double> drops(40, 1e-5);
  drops[20] = 0.5;
  EXPECT_EQ(searched(drops).kept_float, LayerSet{20});
  // Two of them, one at each end of the order.
  drops[1] = 0.5;
  EXPECT_EQ(searched(drops).kept_float, (LayerSet{1, 20}));
}

TEST(Budget, OneLayer) {
  EXPECT_EQ(searched({0.5}).kept_float, LayerSet{0});
  EXPECT_TRUE(searched({0.001}).kept_float.empty());
}

TEST(Budget, SaysThatItCannotBeMet) {
  const auto drop = [](const LayerSet& kept) {
    return 0.9 - 0.055 * static_cast<double>(kept.size());  // 0.02 in float too
  };
  const BudgetSearch search = search_budget(16, kBudget, drop);
  EXPECT_FALSE(search.met);
  EXPECT_EQ(search.kept_float.size(), 16u);  // the best that was found
  EXPECT_NEAR(search.drop, 0.02, 1e-12);
  EXPECT_EQ(search.evaluations, 6u);  // 0, 1, 2, 4, 8, 16
  EXPECT_FALSE(search_budget(0, kBudget, [](const LayerSet&) { return 1.0; }).met);
}

TEST(Budget, OfModelsThatAllFailTheBestComesBack) {
  const auto drop = [](const LayerSet& kept) { return kept.empty() ? 0.02 : 0.9; };
  const BudgetSearch search = search_budget(16, kBudget, drop);
  EXPECT_FALSE(search.met);
  EXPECT_TRUE(search.kept_float.empty());
  EXPECT_EQ(search.drop, 0.02);
}

TEST(Budget, NonMonotoneDropsEndWithinTheBudgetAndTheEvaluations) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const std::size_t layers = 1 + random() % 120;
    std::set<LayerSet> asked;
    const auto drop = [&](const LayerSet& kept) {
      EXPECT_TRUE(asked.insert(kept).second);
      if (kept.empty()) return 0.5;
      if (kept.size() == layers) return 0.0;
      return static_cast<double>(random() % 3) * 0.01;
    };
    const BudgetSearch search = search_budget(layers, kBudget, drop);
    EXPECT_TRUE(search.met);
    EXPECT_LE(search.drop, kBudget);
    EXPECT_TRUE(asked.contains(search.kept_float));
    EXPECT_EQ(search.evaluations, asked.size());
    EXPECT_LE(static_cast<double>(asked.size()), 4 + 3 * std::log2(static_cast<double>(layers)));
  }
}

TEST(Budget, RandomSumsOfEverySizeStayWithinTheEvaluations) {
  for (std::size_t layers = 1; layers <= 130; ++layers) {
    SCOPED_TRACE(std::to_string(layers) + " layers");
    std::mt19937 random(static_cast<std::uint32_t>(layers));
    std::vector<double> drops(layers);
    std::exponential_distribution<double> lost(static_cast<double>(layers) / 0.1);
    for (double& drop : drops) drop = lost(random);
    drops[random() % layers] += 0.02;
    const BudgetSearch search = searched(drops);
    EXPECT_TRUE(search.met);
    EXPECT_FALSE(search.kept_float.empty());
  }
}

}  // namespace
}  // namespace octavo
