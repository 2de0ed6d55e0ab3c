#include "cli/data_note.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "data/test_data_sets.h"

namespace octavo::cli {

void print_data_note(const std::string& path, std::span<const TensorInfo> model_inputs) {
  if (!std::filesystem::is_directory(path) || has_test_data_sets(path)) return;
  if (model_inputs.empty() || traits(model_inputs[0].dtype).kind != DTypeKind::kFloat) return;
  fmt::print(stderr,
             "note: {}: images are fitted to the input's size and their pixels divided by 255; if "
             "the model was trained on other values, say so in a data recipe (docs/data.md)\n",
             path);
}

}  // namespace octavo::cli
