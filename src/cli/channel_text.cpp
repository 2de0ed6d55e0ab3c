#include "cli/channel_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "calibration/channel_statistics.h"
#include "cli/terminal.h"
#include "octavo/error.h"
#include "search/local_error.h"

namespace octavo::cli {
namespace {

struct Row {
  std::string tensor;
  std::size_t channels = 0;
  int axis = 0;
  double widest = 0;
  std::size_t widest_channel = 0;
  double over_median = 0;
  std::size_t dead = 0;
};

Row row_of(const std::string& tensor, const ChannelStatistics& statistics) {
  const std::vector<double> magnitudes = statistics.magnitudes();
  const auto widest = std::max_element(magnitudes.begin(), magnitudes.end());
  return {tensor,
          magnitudes.size(),
          statistics.axis(),
          *widest,
          static_cast<std::size_t>(widest - magnitudes.begin()),
          widest_over_median(magnitudes),
          static_cast<std::size_t>(std::count(magnitudes.begin(), magnitudes.end(), 0.0))};
}

ChannelRequest parse(const std::string& text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos) return {text, std::nullopt};
  const std::string_view digits = std::string_view(text).substr(at + 1);
  int axis = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), axis);
  if (error != std::errc() || end != digits.end()) {
    throw Error(
        ErrorCode::kInvalidArgument,
        fmt::format("--per-channel {}: '{}' is no axis, expected TENSOR@NUMBER", text, digits));
  }
  return {text.substr(0, at), axis};
}

}  // namespace

std::vector<ChannelRequest> channel_requests(std::span<const std::string> asked,
                                             std::span<const std::string> tensors) {
  std::vector<ChannelRequest> requests;
  for (const std::string& text : asked) {
    if (text == "all") {
      for (const std::string& tensor : tensors) requests.push_back({tensor, std::nullopt});
    } else if (std::find(tensors.begin(), tensors.end(), text) != tensors.end()) {
      requests.push_back({text, std::nullopt});  // whose name may have an @
    } else {
      requests.push_back(parse(text));
    }
  }
  return requests;
}

void print_channels(const Statistics& statistics) {
  constexpr std::size_t kMostRows = 10;
  std::vector<Row> rows;
  for (const auto& [tensor, channels] : statistics.channels()) {
    if (!channels.empty()) rows.push_back(row_of(tensor, channels));
  }
  if (rows.empty()) return;
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.over_median > b.over_median; });
  std::vector<std::vector<std::string>> cells = {
      {"tensor", "axis", "channels", "all zero", "widest", "of channel", "over median"}};
  for (const Row& row : std::span(rows).first(std::min(rows.size(), kMostRows))) {
    cells.push_back({shortened(row.tensor), std::to_string(row.axis), std::to_string(row.channels),
                     std::to_string(row.dead), fmt::format("{:.4g}", row.widest),
                     std::to_string(row.widest_channel), fmt::format("{:.1f} x", row.over_median)});
  }
  std::vector<Align> columns(cells[0].size(), Align::kRight);
  columns[0] = Align::kLeft;
  fmt::print("\n{}", table(cells, columns));
  if (rows.size() > kMostRows) fmt::print("and {} more tensors\n", rows.size() - kMostRows);
  fmt::print("\n");
}

}  // namespace octavo::cli
