#include "data/array_dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "data/npz.h"
#include "data/preprocess.h"
#include "data/sample_check.h"
#include "octavo/error.h"

namespace octavo {
namespace {

class ArrayDataset final : public Dataset {
 public:
  ArrayDataset(const DataRecipe& recipe, std::span<const TensorInfo> inputs)
      : recipe_(recipe), inputs_(inputs.begin(), inputs.end()) {
    const Npz npz(recipe.source);
    std::size_t count = 0;
    for (const TensorInfo& input : inputs_) {
      const auto named = recipe.arrays.find(input.name);
      names_.push_back(named == recipe.arrays.end() ? input.name : named->second);
      arrays_.push_back(npz.read(names_.back()));
      check_length(arrays_.back(), names_.back(), count);
      count = static_cast<std::size_t>(arrays_.back().shape()[0]);
    }
    if (npz.contains(recipe.labels)) read_labels(npz.read(recipe.labels), count);
    indices_ = select(recipe.selection, count);
    if (indices_.empty()) {
      throw Error(ErrorCode::kInvalidData, fmt::format("{}: no samples: {} stored, 0 selected",
                                                       recipe.source.string(), count));
    }
  }

  std::size_t size() const override { return indices_.size(); }
  bool labelled() const override { return labels_.has_value(); }

  Sample at(std::size_t index) const override {
    const std::size_t stored = indices_.at(index);
    Sample sample;
    sample.name = fmt::format("{}[{}]", names_.front(), stored);
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      const std::string context =
          fmt::format("{}: {}[{}]", recipe_.source.string(), names_[i], stored);
      Tensor tensor = preprocess(slice(arrays_[i], stored), recipe_.preprocessing, context);
      sample.inputs.push_back(fit_to_input(std::move(tensor), inputs_[i], context));
    }
    if (labels_) sample.label = (*labels_)[stored] + recipe_.label_offset;
    return sample;
  }

 private:
  void check_length(const Tensor& array, const std::string& name, std::size_t expected) const {
    if (array.shape().empty()) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("{}: array '{}' is a scalar, expected samples along its first axis",
                              recipe_.source.string(), name));
    }
    const auto found = static_cast<std::size_t>(array.shape()[0]);
    if (arrays_.size() == 1 || found == expected) return;
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{}: array '{}' has {} samples, expected {} as '{}' has",
                            recipe_.source.string(), name, found, expected, names_.front()));
  }

  void read_labels(const Tensor& array, std::size_t count) {
    const bool fits =
        array.shape().size() == 1 && array.size() == count && traits(array.dtype()).is_integer();
    if (!fits) {
      throw Error(
          ErrorCode::kInvalidData,
          fmt::format("{}: '{}' is {}{}, expected {} integers", recipe_.source.string(),
                      recipe_.labels, traits(array.dtype()).name, to_string(array.shape()), count));
    }
    labels_.emplace();
    for (std::size_t i = 0; i < count; ++i) {
      labels_->push_back(static_cast<std::int64_t>(array.at(i)));
    }
  }

  static Tensor slice(const Tensor& array, std::size_t index) {
    const Shape shape(array.shape().begin() + 1, array.shape().end());
    const std::size_t bytes = traits(array.dtype()).bytes(element_count(shape));
    const auto part = array.bytes().subspan(index * bytes, bytes);
    return {array.dtype(), shape, {part.begin(), part.end()}};
  }

  DataRecipe recipe_;
  std::vector<TensorInfo> inputs_;
  std::vector<std::string> names_;  // of the arrays, in the order of the inputs
  std::vector<Tensor> arrays_;
  std::optional<std::vector<std::int64_t>> labels_;
  std::vector<std::size_t> indices_;
};

}  // namespace

std::unique_ptr<Dataset> open_arrays(const DataRecipe& recipe,
                                     std::span<const TensorInfo> model_inputs) {
  return std::make_unique<ArrayDataset>(recipe, model_inputs);
}

}  // namespace octavo
