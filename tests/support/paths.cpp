#include "support/paths.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace octavo::testing {

namespace fs = std::filesystem;

fs::path source_dir() { return OCTAVO_SOURCE_DIR; }
fs::path binary_dir() { return OCTAVO_BINARY_DIR; }

fs::path assets_dir() {
  const fs::path path = source_dir() / ".." / "shared" / "assets";
  return fs::exists(path / "models") ? fs::canonical(path) : fs::path();
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (fs::temp_directory_path() / "octavo-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed: " + pattern);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace octavo::testing
