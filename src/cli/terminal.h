// What people see: a progress line on a terminal, plain lines elsewhere, aligned tables.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace octavo::cli {

// Progress on stderr: a bar with samples a second and the time left, redrawn in place on a
// terminal; one plain line a tenth of the way elsewhere.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void update(std::size_t done, std::size_t total);

 private:
  void draw(std::size_t done, std::size_t total) const;

  std::string what_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point drawn_;
  std::size_t tenths_ = 0;
  bool on_terminal_;
  bool open_ = false;
};

enum class Align { kLeft, kRight };

// Columns as wide as their widest cell, two spaces between them; the last left-aligned column is
// not padded. The first row is the header, underlined.
std::string table(const std::vector<std::vector<std::string>>& rows,
                  const std::vector<Align>& columns);

// Names of a hundred letters and more, as some converters make them, with their middle left out.
std::string shortened(const std::string& name);

std::string bytes_text(std::uintmax_t bytes);  // "3.55 MB"

}  // namespace octavo::cli
