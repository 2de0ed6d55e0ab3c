#include "octavo/dataset.h"

#include <fmt/format.h>

#include <system_error>

#include "data/array_dataset.h"
#include "data/data_recipe.h"
#include "data/image_folder.h"
#include "data/test_data_sets.h"
#include "octavo/error.h"

namespace octavo {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Dataset> open_source(const DataRecipe& recipe,
                                     std::span<const TensorInfo> model_inputs) {
  const fs::path& source = recipe.source;
  std::error_code unreadable;  // a name too long, a folder that may not be entered
  if (!fs::exists(source, unreadable)) {
    throw Error(ErrorCode::kNotFound, fmt::format("{}: no such file or folder", source.string()));
  }
  if (fs::is_directory(source)) {
    if (!recipe.truth.empty()) {
      throw Error(
          ErrorCode::kInvalidData,
          fmt::format("{}: 'truth' names '{}', but a folder has no arrays; expected an .npz "
                      "as the source",
                      source.string(), recipe.truth.begin()->second));
    }
    if (has_test_data_sets(source)) return open_test_data_sets(recipe, model_inputs);
    return open_image_folder(recipe, model_inputs);
  }
  if (source.extension() == ".npz") return open_arrays(recipe, model_inputs);
  throw Error(ErrorCode::kInvalidData,
              fmt::format("{}: expected an .npz file, a folder of images, a folder with "
                          "test_data_set_*, or a .yaml data recipe",
                          source.string()));
}

bool takes_floats(std::span<const TensorInfo> model_inputs) {
  return model_inputs.empty() || traits(model_inputs[0].dtype).kind == DTypeKind::kFloat;
}

DataRecipe recipe_for(const fs::path& path, std::span<const TensorInfo> model_inputs) {
  const fs::path extension = path.extension();
  if (extension == ".yaml" || extension == ".yml") return read_data_recipe(path);
  DataRecipe recipe;
  recipe.source = path;
  std::error_code unreadable;
  const bool images = fs::is_directory(path, unreadable) && !has_test_data_sets(path);
  // Values in 0..1, the commonest range; a model that takes bytes gets bytes.
  if (images && takes_floats(model_inputs)) recipe.input.steps.values.divide = 255;
  return recipe;
}

}  // namespace

std::unique_ptr<Dataset> open_dataset(const fs::path& path,
                                      std::span<const TensorInfo> model_inputs) {
  return open_source(recipe_for(path, model_inputs), model_inputs);
}

}  // namespace octavo
