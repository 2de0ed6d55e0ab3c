// The labels.csv of an image folder.
#include <filesystem>

#include "data/image_list.h"
#include "fuzz/scratch_file.h"
#include "fuzz/target.h"
#include "octavo/error.h"

namespace octavo::fuzz {
namespace {

void read(std::string_view bytes) {
  static const bool kMade = [] {
    std::filesystem::create_directories(scratch_folder() / "images");
    for (const char* name : {"images/a.png", "images/b.png", "images/c.jpg"})
      scratch_file(name, "x");
    return true;
  }();
  static_cast<void>(kMade);
  scratch_file("images/labels.csv", bytes);
  try {
    list_images(scratch_folder() / "images");
  } catch (const Error&) {
  }
}

std::vector<std::string> seeds() {
  return {"filename,label\na.png,0\nb.png,1\nc.jpg,7\n", "a.png,cat\r\nb.png,dog\r\n",
          "\"a.png\",\"a, b\"\n", ""};
}

}  // namespace

const Target& labels_target() {
  static const Target kTarget = {"labels", read, seeds};
  return kTarget;
}

}  // namespace octavo::fuzz
