// What the faults strike: a small model with data, in a folder of its own.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "support/paths.h"

namespace octavo::testing {

class SmallModel : public ::testing::Test {
 protected:
  // model.onnx, data.npz and labelled.npz.
  void SetUp() override;

  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  std::string content_of(std::string_view name) const;
  // Names of the files that a write was interrupted in.
  std::size_t temporary_files() const;

  TemporaryDirectory folder_;
};

}  // namespace octavo::testing
