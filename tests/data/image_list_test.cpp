#include "data/image_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/test_files.h"
#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

class ImageListTest : public ::testing::Test {
 protected:
  void add(const std::string& name, std::string_view content = "") {
    testing::write_file(folder_ / name, content);
  }
  // "dog/1.png=1", in order.
  std::vector<std::string> list() {
    std::vector<std::string> lines;
    for (const ImageEntry& entry : list_images(folder_.path())) {
      lines.push_back(entry.path.lexically_relative(folder_.path()).string());
      if (entry.label) lines.back().append("=").append(std::to_string(*entry.label));
    }
    return lines;
  }
  testing::TemporaryDirectory folder_;
};

using Lines = std::vector<std::string>;

TEST_F(ImageListTest, PlainFilesHaveNoLabels) {
  add("b.png");
  add("a.JPG");
  add("notes.txt");
  add(".hidden.png");
  EXPECT_EQ(list(), (Lines{"a.JPG", "b.png"}));
}

TEST_F(ImageListTest, SubfoldersAreClassesInSortedOrder) {
  add("dog/1.png");
  add("cat/2.png");
  add("cat/1.png");
  add(".cache/1.png");
  EXPECT_EQ(list(), (Lines{"cat/1.png=0", "cat/2.png=0", "dog/1.png=1"}));
}

TEST_F(ImageListTest, AnEmptyClassKeepsItsRank) {
  add("a/none.txt");
  add("b/1.png");
  EXPECT_EQ(list(), (Lines{"b/1.png=1"}));
}

TEST_F(ImageListTest, NumberedSubfoldersAreTheirNumbers) {
  add("0042/1.png");
  add("0007/1.png");
  EXPECT_EQ(list(), (Lines{"0007/1.png=7", "0042/1.png=42"}));
}

TEST_F(ImageListTest, LabelFileWithNumbers) {
  add("a.png");
  add("sub/b.png");
  add("unlisted.png");
  add("labels.csv", "sub/b.png,3\r\na.png, 5\n\n");
  EXPECT_EQ(list(), (Lines{"a.png=5", "sub/b.png=3"}));
}

TEST_F(ImageListTest, LabelFileWithHeaderAndWords) {
  add("a.png");
  add("b.png");
  add("c,d.png");
  add("labels.csv", "filename,label\na.png,dog\nb.png,cat\nc,d.png,dog\n");
  EXPECT_EQ(list(), (Lines{"a.png=1", "b.png=0", "c,d.png=1"}));
}

TEST_F(ImageListTest, RefusesALineWithoutItsFile) {
  add("a.png");
  add("labels.csv", "a.png,1\nb.png,2\n");
  EXPECT_OCTAVO_ERROR(list(), ErrorCode::kInvalidData, "labels.csv:2", "'b.png'");
  add("labels.csv", "missing.png,1\na.png,1\n");
  EXPECT_OCTAVO_ERROR(list(), ErrorCode::kInvalidData, "labels.csv:1", "'missing.png'");
}

TEST_F(ImageListTest, RefusesALineWithoutLabel) {
  add("a.png");
  add("labels.csv", "a.png\n");
  EXPECT_OCTAVO_ERROR(list(), ErrorCode::kInvalidData, "labels.csv:1", "expected filename,label");
  add("labels.csv", "a.png,\n");
  EXPECT_OCTAVO_ERROR(list(), ErrorCode::kInvalidData, "labels.csv:1", "no label");
}

TEST_F(ImageListTest, RefusesImagesBesideClasses) {
  add("a.png");
  add("dog/b.png");
  EXPECT_OCTAVO_ERROR(list(), ErrorCode::kInvalidData, "'a.png'", "'dog/b.png'");
}

TEST_F(ImageListTest, RefusesAFolderWithoutImages) {
  add("notes.txt");
  EXPECT_OCTAVO_ERROR(list(), ErrorCode::kInvalidData, folder_.path().string(), "no images",
                      ".jpeg, .jpg");
}

}  // namespace
}  // namespace octavo
