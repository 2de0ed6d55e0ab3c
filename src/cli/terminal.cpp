#include "cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace octavo::cli {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr auto kRedrawInterval = std::chrono::milliseconds(100);

// Columns that a UTF-8 text takes, one a code point: names and numbers hold no wider ones.
std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& cell, std::size_t width, Align align) {
  const std::string padding(width - std::min(width, columns_of(cell)), ' ');
  return align == Align::kLeft ? cell + padding : padding + cell;
}

}  // namespace

Progress::Progress(std::string what)
    : what_(std::move(what)),
      start_(std::chrono::steady_clock::now()),
      drawn_(start_ - kRedrawInterval),
      on_terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (open_) fmt::print(stderr, "\n");
}

void Progress::update(std::size_t done, std::size_t total) {
  const auto now = std::chrono::steady_clock::now();
  if (on_terminal_) {
    if (now - drawn_ < kRedrawInterval && done != total) return;
    drawn_ = now;
    draw(done, total);
    open_ = true;
    return;
  }
  const std::size_t tenths = total == 0 ? 0 : done * 10 / total;
  if (tenths == tenths_) return;
  tenths_ = tenths;
  fmt::print(stderr, "{}: {} of {}\n", what_, done, total);
}

void Progress::draw(std::size_t done, std::size_t total) const {
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  const std::size_t filled = total == 0 ? 0 : done * kBarWidth / total;
  const double left = rate > 0 ? static_cast<double>(total - done) / rate : 0;
  fmt::print(stderr, "\r{} [{}{}] {}/{}  {:.1f}/s  {:.0f} s left \x1b[K", what_,
             std::string(filled, '#'), std::string(kBarWidth - filled, '.'), done, total, rate,
             left);
  std::fflush(stderr);
}

std::string table(const std::vector<std::vector<std::string>>& rows,
                  const std::vector<Align>& columns) {
  std::vector<std::size_t> widths(columns.size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], columns_of(row[i]));
    }
  }
  std::string text;
  bool header = true;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += "  ";
      line += padded(row[i], widths[i], columns[i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    if (!header) continue;
    header = false;
    std::size_t total = 2 * (columns.size() - 1);
    for (const std::size_t width : widths) total += width;
    text += std::string(total, '-') + "\n";
  }
  return text;
}

std::string shortened(const std::string& name) {
  constexpr std::size_t kLongest = 60;
  constexpr std::size_t kEnd = 28;
  if (name.size() <= kLongest) return name;
  return name.substr(0, kEnd) + "..." + name.substr(name.size() - kEnd);
}

std::string bytes_text(std::uintmax_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value < 1e3) return fmt::format("{} B", bytes);
  if (value < 1e6) return fmt::format("{:.1f} kB", value / 1e3);
  return fmt::format("{:.2f} MB", value / 1e6);
}

}  // namespace octavo::cli
