#include "core/atomic_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::ptrdiff_t count_entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST(AtomicFile, ReplacesTheOldContent) {
  const testing::TemporaryDirectory folder;
  write_file_atomically(folder / "a.txt", "a longer old text");
  write_file_atomically(folder / "a.txt", "new");
  EXPECT_EQ(read_text(folder / "a.txt"), "new");
  EXPECT_EQ(count_entries(folder.path()), 1) << "a temporary file was left";
}

TEST(AtomicFile, KeepsTheOldFileIfTheWriterThrows) {
  const testing::TemporaryDirectory folder;
  write_file_atomically(folder / "a.txt", "old");
  const auto fail_half_way = [](std::ostream& stream) {
    stream << "half";
    throw std::runtime_error("no more");
  };
  EXPECT_THROW(write_file_atomically(folder / "a.txt", fail_half_way), std::runtime_error);
  EXPECT_EQ(read_text(folder / "a.txt"), "old");
  EXPECT_EQ(count_entries(folder.path()), 1) << "a temporary file was left";
}

TEST(AtomicFile, NamesThePathAndTheSystemsReason) {
  const testing::TemporaryDirectory folder;
  EXPECT_OCTAVO_ERROR(write_file_atomically(folder / "absent" / "a.txt", "new"), ErrorCode::kIo,
                      "absent", "opening for writing", "No such file");
  EXPECT_OCTAVO_ERROR(write_file_atomically(folder.path(), "new"), ErrorCode::kIo,
                      folder.path().string(), "writing", "Is a directory");
}

TEST(AtomicFile, ReportsAFullDisk) {
  const testing::TemporaryDirectory folder;
  const auto fail_to_write = [](std::ostream& stream) { stream.setstate(std::ios::badbit); };
  EXPECT_OCTAVO_ERROR(write_file_atomically(folder / "a.txt", fail_to_write), ErrorCode::kIo,
                      "a.txt", "writing");
  EXPECT_EQ(count_entries(folder.path()), 0);
}

}  // namespace
}  // namespace octavo
