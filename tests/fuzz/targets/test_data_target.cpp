// A test_data_set folder whose input is the bytes.
#include <array>
#include <filesystem>

#include "data/test_data_sets.h"
#include "fuzz/scratch_file.h"
#include "fuzz/target.h"
#include "model/tensor_proto.h"
#include "octavo/error.h"

namespace octavo::fuzz {
namespace {

constexpr const char* kSet = "sets/test_data_set_0";

void read(std::string_view bytes) {
  std::filesystem::create_directories(scratch_folder() / kSet);
  scratch_file(std::string(kSet) + "/input_0.pb", bytes);
  scratch_file(std::string(kSet) + "/output_0.pb", bytes);
  const std::array<TensorInfo, 1> inputs = {{{"x", DType::kFloat32, {1, -1}}}};
  DataRecipe recipe;
  recipe.source = scratch_folder() / "sets";
  try {
    open_test_data_sets(recipe, inputs)->at(0);
  } catch (const Error&) {
  }
}

std::vector<std::string> seeds() {
  return {tensor_to_proto(Tensor::of<float>({1, 3}, {1, 2, 3}), "x").SerializeAsString(),
          tensor_to_proto(Tensor::of<std::int64_t>({}, {4}), "label").SerializeAsString()};
}

}  // namespace

const Target& test_data_target() {
  static const Target kTarget = {"test_data", read, seeds};
  return kTarget;
}

}  // namespace octavo::fuzz
