#include "data/image_folder.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "data/image.h"
#include "data/image_list.h"
#include "data/preprocess.h"
#include "data/sample_check.h"
#include "octavo/error.h"

namespace octavo {
namespace {

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::kInvalidData, what); }

Layout layout_of(const TensorInfo& input) {
  const auto is_colour = [](std::int64_t size) { return size == 1 || size == 3; };
  const bool last = is_colour(input.shape[3]) && !is_colour(input.shape[1]);
  return last ? Layout::kNhwc : Layout::kNchw;
}

// What the recipe leaves open follows from the input's shape.
Preprocessing complete(Preprocessing steps, const TensorInfo& input, const std::string& folder) {
  if (input.shape.size() != 4) {
    fail(fmt::format("{}: images cannot feed input '{}' of shape {}, expected 4 dimensions", folder,
                     input.name, to_string(input.shape)));
  }
  if (!steps.layout) steps.layout = layout_of(input);
  const bool channels_last = steps.layout == Layout::kNhwc;
  const bool gray = input.shape[channels_last ? 3 : 1] == 1;
  if (gray && !steps.colours) steps.colours = ColourOrder::kGray;
  if (steps.resize.mode != ResizeMode::kNone || steps.crop) return steps;
  const std::int64_t height = input.shape[channels_last ? 1 : 2];
  const std::int64_t width = input.shape[channels_last ? 2 : 3];
  if (height < 1 || width < 1) {
    fail(
        fmt::format("{}: input '{}' takes images of any size, {}; a data recipe must say which "
                    "(resize, crop)",
                    folder, input.name, to_string(input.shape)));
  }
  const ImageSize size{static_cast<int>(height), static_cast<int>(width)};
  steps.resize = {ResizeMode::kCover, size};
  steps.crop = size;
  return steps;
}

class ImageFolder final : public Dataset {
 public:
  ImageFolder(const DataRecipe& recipe, const TensorInfo& input, Preprocessing steps)
      : label_offset_(recipe.label_offset), input_(input), steps_(std::move(steps)) {
    const std::vector<ImageEntry> all = list_images(recipe.source);
    for (const std::size_t index : select(recipe.selection, all.size())) {
      entries_.push_back(all[index]);
      if (recipe.label_use == LabelUse::kNone) entries_.back().label.reset();
    }
    if (entries_.empty()) {
      fail(fmt::format("{}: no samples: {} images, none selected", recipe.source.string(),
                       all.size()));
    }
  }

  std::size_t size() const override { return entries_.size(); }
  bool labelled() const override { return entries_.front().label.has_value(); }

  Sample at(std::size_t index) const override {
    const ImageEntry& entry = entries_.at(index);
    Sample sample;
    sample.name = entry.path.string();
    const Tensor pixels = preprocess(read_image(entry.path), steps_, sample.name);
    sample.inputs.push_back(fit_to_input(pixels, input_, sample.name));
    if (entry.label) sample.label = *entry.label + label_offset_;
    return sample;
  }

 private:
  std::int64_t label_offset_;
  TensorInfo input_;
  Preprocessing steps_;
  std::vector<ImageEntry> entries_;
};

}  // namespace

std::unique_ptr<Dataset> open_image_folder(const DataRecipe& recipe,
                                           std::span<const TensorInfo> model_inputs) {
  const std::string folder = recipe.source.string();
  if (model_inputs.size() != 1) {
    fail(fmt::format("{}: images can feed a model of one input, this one has {}", folder,
                     model_inputs.size()));
  }
  const TensorInfo& input = model_inputs.front();
  const InputRecipe steps = recipe_of_input(recipe, input.name, model_inputs);
  if (steps.array || recipe.labels) {
    fail(fmt::format("{}: the data recipe names arrays ('array', 'labels'), but this is a folder",
                     folder));
  }
  return std::make_unique<ImageFolder>(recipe, input, complete(steps.steps, input, folder));
}

}  // namespace octavo
