// A run folder's JSON on its way to the page.
#include <filesystem>

#include "fuzz/scratch_file.h"
#include "fuzz/target.h"
#include "octavo/error.h"
#include "report/page.h"

namespace octavo::fuzz {
namespace {

void read(std::string_view bytes) {
  std::filesystem::create_directories(scratch_folder() / "run");
  scratch_file("run/run.json", bytes);
  scratch_file("run/result.json", bytes);
  try {
    json_text_for_html(read_run(scratch_folder() / "run"));
  } catch (const Error&) {
  }
}

std::vector<std::string> seeds() {
  return {
      R"({"format": 1, "status": "finished", "command": ["octavo", "quantize"], "seconds": 1.5})",
      R"({"stages": [{"name": "prepare </script>", "seconds": null}], "warnings": ["\u2028"]})",
      "[1e308, -0.0, {\"a\": [[[]]]}]"};
}

}  // namespace

const Target& run_folder_target() {
  static const Target kTarget = {"run_folder", read, seeds};
  return kTarget;
}

}  // namespace octavo::fuzz
