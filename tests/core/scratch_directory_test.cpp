#include "core/scratch_directory.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kAnyAge{0};

// Leaves the folder that a process killed in the middle of its work leaves.
void kill_an_owner(const fs::path& parent) {
  const pid_t child = fork();
  if (child == 0) {
    const ScratchDirectory folder(parent);
    std::ofstream(folder.path() / "half") << "written";
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST(ScratchDirectory, GoesWithItsContent) {
  const testing::TemporaryDirectory parent;
  {
    const ScratchDirectory folder(parent.path());
    fs::create_directory(folder.path() / "inner");
    std::ofstream(folder.path() / "inner" / "a") << "text";
    EXPECT_FALSE(fs::is_empty(parent.path()));
  }
  EXPECT_TRUE(fs::is_empty(parent.path()));
}

TEST(ScratchDirectory, WhatAKilledOwnerLeftIsRemoved) {
  const testing::TemporaryDirectory parent;
  kill_an_owner(parent.path());
  ASSERT_FALSE(fs::is_empty(parent.path()));
  remove_abandoned_scratch(parent.path(), kAnyAge);
  EXPECT_TRUE(fs::is_empty(parent.path()));
}

TEST(ScratchDirectory, WhatAKilledOwnerLeftStaysWhileItIsYoung) {
  const testing::TemporaryDirectory parent;
  kill_an_owner(parent.path());
  remove_abandoned_scratch(parent.path(), std::chrono::hours(1));
  EXPECT_FALSE(fs::is_empty(parent.path()));
}

TEST(ScratchDirectory, OneInUseStays) {
  const testing::TemporaryDirectory parent;
  const ScratchDirectory folder(parent.path());
  std::ofstream(folder.path() / "a") << "text";
  remove_abandoned_scratch(parent.path(), kAnyAge);
  EXPECT_TRUE(fs::exists(folder.path() / "a"));
}

TEST(ScratchDirectory, WhatIsNotScratchStays) {
  const testing::TemporaryDirectory parent;
  fs::create_directory(parent / "octavo-results");
  const fs::path target = parent / "target";
  fs::create_directory(target);
  fs::create_directory_symlink(target, parent / "octavo-scratch-link");
  remove_abandoned_scratch(parent.path(), kAnyAge);
  EXPECT_TRUE(fs::exists(parent / "octavo-results"));
  EXPECT_TRUE(fs::exists(target));
  EXPECT_TRUE(fs::is_symlink(parent / "octavo-scratch-link"));
}

TEST(ScratchDirectory, AnAbsentParentIsNamed) {
  EXPECT_OCTAVO_ERROR(ScratchDirectory("/octavo/absent"), ErrorCode::kIo, "/octavo/absent",
                      "No such file");
}

}  // namespace
}  // namespace octavo
