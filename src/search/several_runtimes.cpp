#include "search/several_runtimes.h"

#include <algorithm>

namespace octavo {
namespace {

constexpr double kPercent = 100;

double float_time(const CoverageCosts& costs) {
  double sum = 0;
  for (const auto& [node, time] : costs.nodes) sum += time.in_float;
  return sum;
}

void add(const CoverageCosts& costs, double factor, CoverageCosts& sum) {
  for (const auto& [node, time] : costs.nodes) {
    UnitTime& total = sum.nodes[node];
    total.in_float += factor * time.in_float;
    total.on_integers += factor * time.on_integers;
  }
  sum.quantize_per_element += factor * costs.quantize_per_element;
  sum.dequantize_per_element += factor * costs.dequantize_per_element;
  sum.conversion += factor * costs.conversion;
}

}  // namespace

CoverageCosts mean_costs(std::span<const CoverageCosts> costs) {
  CoverageCosts mean;
  mean.elements = costs.front().elements;
  mean.unit = "% of the model's time";
  for (const CoverageCosts& own : costs) {
    const double whole = float_time(own) * static_cast<double>(costs.size());
    if (whole > 0) add(own, kPercent / whole, mean);
  }
  return mean;
}

std::vector<double> regrets(const std::vector<std::vector<double>>& ratios) {
  std::vector<double> worst(ratios.front().size(), 0);
  for (const std::vector<double>& own : ratios) {
    const double best = *std::min_element(own.begin(), own.end());
    for (std::size_t i = 0; i < own.size(); ++i) worst[i] = std::max(worst[i], own[i] / best);
  }
  return worst;
}

std::size_t least_regret(const std::vector<std::vector<double>>& ratios, double worth_it) {
  const std::vector<double> worst = regrets(ratios);
  std::size_t chosen = 0;
  for (std::size_t i = 1; i < worst.size(); ++i) {
    if (worst[i] < worth_it * worst[chosen]) chosen = i;
  }
  return chosen;
}

}  // namespace octavo
