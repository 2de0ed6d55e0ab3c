// A data recipe, read and asked for what it says of an input.
#include <array>

#include "data/data_recipe.h"
#include "fuzz/scratch_file.h"
#include "fuzz/target.h"
#include "octavo/error.h"

namespace octavo::fuzz {
namespace {

void read(std::string_view bytes) {
  const std::array<TensorInfo, 1> inputs = {{{"x", DType::kFloat32, {1, 3, 8, 8}}}};
  try {
    const DataRecipe recipe = read_data_recipe(scratch_file("recipe.yaml", bytes));
    recipe_of_input(recipe, "x", inputs);
  } catch (const Error&) {
  }
}

std::vector<std::string> seeds() {
  return {
      "source: evaluation.npz\nvalues: {divide: 255, mean: 0.5, std: 0.25}\n",
      "source: images\nresize: {cover: 256}\ncrop: [224, 224]\ncolours: bgr\n"
      "values: {mean: [123.7, 116.3, 103.5], std: [58.4, 57.1, 57.4]}\nlayout: nchw\n"
      "select: {skip: 10, first: 200, every: 2, part: rest}\n",
      "source: a.npz\ninputs:\n  x: {array: ids}\n  y:\n    array: mask\nlabels: none\n",
      "source: a.npz\nlabels: classes\nlabel_offset: -1\nselect: {draw: 20, seed: 3}\n"
      "picks: [0, 1, 5]\n",
      "base: recipe.yaml\nselect: {first: 3}\n",
      "",
  };
}

}  // namespace

const Target& recipe_target() {
  static const Target kTarget = {"recipe", read, seeds};
  return kTarget;
}

}  // namespace octavo::fuzz
