#include "data/array_dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/ground_truth.h"
#include "data/npz.h"
#include "data/preprocess.h"
#include "data/sample_check.h"
#include "octavo/error.h"

namespace octavo {
namespace {

constexpr std::string_view kLabels = "labels";

[[noreturn]] void fail(const Npz& npz, const std::string& what) {
  throw Error(ErrorCode::kInvalidData, fmt::format("{}: {}", npz.path().string(), what));
}

// One input's samples: the selected rows of an array.
struct Column {
  TensorInfo input;
  std::string array;
  InputRecipe recipe;
  Tensor rows;
};

std::string array_name(const Npz& npz, const InputRecipe& recipe, const TensorInfo& input) {
  if (recipe.array || npz.contains(input.name)) return recipe.array.value_or(input.name);
  fail(npz, fmt::format("no array is named as the model's input '{}'; a data recipe can name it "
                        "(array: ...), this file has: {}",
                        input.name, fmt::join(npz.names(), ", ")));
}

std::size_t length_of(const Npz& npz, const std::string& array) {
  const NpyHeader header = npz.header(array);
  if (!header.shape.empty()) return static_cast<std::size_t>(header.shape[0]);
  fail(npz, fmt::format("array '{}' is one number, expected samples along its first axis", array));
}

// How many samples all the arrays have.
std::size_t common_length(const Npz& npz, const std::vector<Column>& columns) {
  const std::size_t length = length_of(npz, columns.front().array);
  for (const Column& column : columns) {
    const std::size_t found = length_of(npz, column.array);
    if (found == length) continue;
    fail(npz, fmt::format("array '{}' has {} samples, expected {} as '{}' has", column.array, found,
                          length, columns.front().array));
  }
  return length;
}

std::vector<std::int64_t> read_labels(const Npz& npz, std::string_view name, std::size_t count,
                                      std::span<const std::size_t> rows) {
  const NpyHeader header = npz.header(name);
  const bool fits = header.shape == Shape{static_cast<std::int64_t>(count)} ||
                    header.shape == Shape{static_cast<std::int64_t>(count), 1};
  if (!fits || !traits(header.dtype).is_integer()) {
    fail(npz,
         fmt::format("labels '{}' are {}{}, expected {} whole numbers (a data recipe can "
                     "leave them out: 'labels: none'); label maps, boxes and sets of labels have "
                     "names of their own: {}",
                     name, traits(header.dtype).name, to_string(header.shape), count,
                     fmt::join(truth_meanings(), ", ")));
  }
  const Tensor stored = npz.read_rows(name, rows);
  std::vector<std::int64_t> labels;
  labels.reserve(stored.size());
  for (std::size_t i = 0; i < stored.size(); ++i) {
    labels.push_back(static_cast<std::int64_t>(stored.at(i)));
  }
  return labels;
}

class ArrayDataset final : public Dataset {
 public:
  ArrayDataset(const Npz& npz, std::vector<Column> columns, const DataRecipe& recipe)
      : path_(npz.path().string()),
        label_offset_(recipe.label_offset),
        columns_(std::move(columns)) {
    const std::size_t count = common_length(npz, columns_);
    indices_ = select(recipe.selection, count);
    if (indices_.empty()) fail(npz, fmt::format("no samples: {} stored, none selected", count));
    for (Column& column : columns_) column.rows = npz.read_rows(column.array, indices_);
    if (recipe.label_use == LabelUse::kNone) return;
    if (recipe.labels || npz.contains(kLabels)) {
      labels_ = read_labels(npz, recipe.labels.value_or(std::string(kLabels)), count, indices_);
    }
    TruthRequest request{recipe.truth, {}, count, label_offset_, indices_};
    for (const Column& column : columns_) request.taken.push_back(column.array);
    truth_ = read_truth(npz, request);
  }

  std::size_t size() const override { return indices_.size(); }
  bool labelled() const override { return labels_.has_value(); }

  Sample at(std::size_t index) const override {
    const std::size_t stored = indices_.at(index);
    Sample sample;
    sample.name = fmt::format("{}[{}]", columns_.front().array, stored);
    for (const Column& column : columns_) {
      const std::string context = fmt::format("{}: {}[{}]", path_, column.array, stored);
      const Tensor tensor =
          preprocess(row(column.rows, index), column.recipe.stored, column.recipe.steps, context);
      sample.inputs.push_back(fit_to_input(tensor, column.input, context));
    }
    if (labels_) sample.label = (*labels_)[index] + label_offset_;
    for (const auto& [meaning, rows] : truth_) sample.truth.emplace(meaning, row(rows, index));
    return sample;
  }

 private:
  static Tensor row(const Tensor& rows, std::size_t index) {
    Shape shape(rows.shape().begin() + 1, rows.shape().end());
    const std::size_t bytes = traits(rows.dtype()).bytes(element_count(shape));
    const auto part = rows.bytes().subspan(index * bytes, bytes);
    return {rows.dtype(), std::move(shape), {part.begin(), part.end()}};
  }

  std::string path_;
  std::int64_t label_offset_;
  std::vector<Column> columns_;       // in the order of the model's inputs
  std::vector<std::size_t> indices_;  // of the stored samples
  std::optional<std::vector<std::int64_t>> labels_;
  std::map<std::string, Tensor> truth_;  // by meaning, its rows
};

}  // namespace

std::unique_ptr<Dataset> open_arrays(const DataRecipe& recipe,
                                     std::span<const TensorInfo> model_inputs) {
  const Npz npz(recipe.source);
  std::vector<Column> columns;
  for (const TensorInfo& input : model_inputs) {
    InputRecipe input_recipe = recipe_of_input(recipe, input.name, model_inputs);
    std::string array = array_name(npz, input_recipe, input);
    columns.push_back({input, std::move(array), std::move(input_recipe), {}});
  }
  if (columns.empty()) fail(npz, "the model has no inputs to feed");
  return std::make_unique<ArrayDataset>(npz, std::move(columns), recipe);
}

}  // namespace octavo
