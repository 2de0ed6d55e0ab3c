#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "octavo/error.h"
#include "octavo/sweep.h"

namespace octavo {
namespace {

constexpr double kWorst = std::numeric_limits<double>::infinity();

// Lower is better.
double by_metric(const SweepRow& row, const std::string& name) {
  const auto value = row.evaluation.metric(name);
  if (!value) return kWorst;
  return open_metric(name)->better == BetterValue::kHigher ? -*value : *value;
}

double order_of(const SweepRow& row, const SweepReport& report, std::string_view by) {
  if (by == "metric") return by_metric(row, report.metric);
  if (by == "sqnr") return by_metric(row, "sqnr");
  if (by == "latency") return row.evaluation.latency_ratio.value_or(kWorst);
  if (by == "size") return static_cast<double>(row.evaluation.file_bytes);
  if (by == "grid") return 0;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("sort by '{}', expected metric, sqnr, latency, size or grid", by));
}

}  // namespace

std::vector<std::size_t> varied_axes(const SweepReport& report) {
  std::vector<std::size_t> varied;
  for (std::size_t axis = 0; axis < report.axes.size(); ++axis) {
    const bool differs = std::any_of(
        report.rows.begin(), report.rows.end(),
        [&](const SweepRow& row) { return row.values[axis] != report.rows.front().values[axis]; });
    if (differs) varied.push_back(axis);
  }
  return varied;
}

std::vector<std::size_t> sorted_rows(const SweepReport& report, std::string_view by) {
  std::vector<std::size_t> order(report.rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::pair<bool, std::pair<double, double>>> ranks;
  for (const SweepRow& row : report.rows) {
    // Equal accuracies are told apart by what the outputs lost.
    ranks.push_back({!row.unsupported.empty(),
                     {order_of(row, report, by), by == "grid" ? 0 : by_metric(row, "sqnr")}});
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return ranks[a] < ranks[b]; });
  return order;
}

}  // namespace octavo
