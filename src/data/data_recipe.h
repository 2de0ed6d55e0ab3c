// How stored samples become a model's inputs, as a YAML file says it: docs/data.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "data/preprocess.h"
#include "data/selection.h"
#include "octavo/tensor.h"

namespace octavo {

struct InputRecipe {
  std::optional<std::string> array;  // of an .npz; nothing: named as the input
  StoredForm stored;
  Preprocessing steps;
};

enum class LabelUse : std::uint8_t { kWhereStored, kNone };

struct DataRecipe {
  std::filesystem::path source;  // an .npz or a folder
  InputRecipe input;             // of every input, unless `inputs` names them one by one
  std::map<std::string, InputRecipe> inputs;
  LabelUse label_use = LabelUse::kWhereStored;
  std::optional<std::string> labels;  // the array of an .npz; nothing: "labels" if there is one
  std::map<std::string, std::string> truth;  // by meaning: the array of an .npz
  std::int64_t label_offset = 0;
  Selection selection;
};

// Throws Error(kNotFound, kInvalidFile), naming file, line and key.
DataRecipe read_data_recipe(const std::filesystem::path& path);

// What the recipe says of one of the model's inputs. Throws Error(kInvalidData) if it names inputs
// and the model's are others, or if it feeds one array to several.
InputRecipe recipe_of_input(const DataRecipe& recipe, const std::string& input,
                            std::span<const TensorInfo> model_inputs);

}  // namespace octavo
