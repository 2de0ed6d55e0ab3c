// Where tests find files, and a scratch folder that cleans up after itself.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string_view>

namespace octavo::testing {

// The checkout's root.
std::filesystem::path source_dir();
std::filesystem::path binary_dir();

// The shared real models and data beside the checkout (../shared/assets), or an empty path where
// they are absent. Tests that need them say OCTAVO_REQUIRE_ASSETS().
std::filesystem::path assets_dir();
#define OCTAVO_REQUIRE_ASSETS()                     \
  if (::octavo::testing::assets_dir().empty()) {    \
    GTEST_SKIP() << "../shared/assets is not here"; \
  }                                                 \
  static_assert(true)

// A fresh folder, removed with everything in it at the end of its scope.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace octavo::testing
