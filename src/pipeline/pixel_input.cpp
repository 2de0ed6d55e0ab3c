#include "pipeline/pixel_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "plan/pixel_params.h"
#include "prepare/fold_pixels.h"

namespace octavo {
namespace {

constexpr CodeRange kPixels = {0, 255};

bool has_pixels_as_codes(const Scheme& scheme) {
  return scheme.dtype == DType::kUint8 && code_range(scheme) == kPixels;
}

std::size_t index_of(const Model& model, const std::string& input) {
  const std::vector<TensorInfo> inputs = model.inputs();
  const auto found = std::find_if(inputs.begin(), inputs.end(),
                                  [&](const TensorInfo& info) { return info.name == input; });
  return static_cast<std::size_t>(found - inputs.begin());
}

std::string as_nodes(const std::string& reason) {
  return fmt::format("normalized by nodes of the model, as {}", reason);
}

}  // namespace

Sample PixelDataset::at(std::size_t index) const {
  Sample sample = images_.at(index);
  Tensor& image = sample.inputs.at(input_);
  const Tensor pixels = to_codes(image, DType::kUint8, meaning_);
  const auto numbers = image.mutable_as<float>();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<float>(pixels.at(i) - zero_pixel_);
  }
  return sample;
}

PixelChoice choose_pixel_input(const Decided& decided, const QuantizeOptions& options) {
  const std::optional<Normalization>& steps = options.recipe.pixels;
  if (!steps) return {};
  const Scheme& activation = decided.profile.activation;
  if (!has_pixels_as_codes(activation)) {
    return {std::nullopt, as_nodes(fmt::format("the input's codes are {}, and pixels uint8",
                                               traits(activation.dtype).name))};
  }
  if (pixel_params(*steps)) return {std::nullopt, "the input's own codes"};
  auto result = fold_pixels(decided.model, *steps);
  if (const auto* refusal = std::get_if<NotFoldable>(&result)) {
    return {std::nullopt, as_nodes(refusal->reason)};
  }
  auto& folded = std::get<FoldedPixels>(result);
  PixelInput input{folded.input,
                   index_of(folded.model, folded.input),
                   pixel_meaning(*steps),
                   folded.zero_pixel,
                   {}};
  QuantizeOptions inner = options;
  inner.recipe = folded_recipe(options.recipe, input);
  input.decided = decide_prepared(std::move(folded.model), inner);
  input.decided.expected = decided.expected;
  return {std::move(input), std::move(folded.text)};
}

Recipe folded_recipe(const Recipe& recipe, const PixelInput& input) {
  Recipe folded = recipe;
  folded.pixels = Normalization{.mean = {static_cast<double>(input.zero_pixel)}};
  return folded;
}

}  // namespace octavo
