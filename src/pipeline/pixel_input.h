// Pixels as a model's input: what becomes of the caller's normalization.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "model/io_params.h"
#include "octavo/dataset.h"
#include "octavo/quantize.h"
#include "pipeline/decide.h"

namespace octavo {

// Samples of normalized images given as a folded model takes them: the pixels that they were made
// of, less one.
class PixelDataset final : public Dataset {
 public:
  // `meaning`: of a pixel. `images`, the dataset, must outlive this.
  PixelDataset(const Dataset& images, std::size_t input, IoParams meaning, int zero_pixel)
      : images_(images), input_(input), meaning_(std::move(meaning)), zero_pixel_(zero_pixel) {}

  std::size_t size() const override { return images_.size(); }
  bool labelled() const override { return images_.labelled(); }
  Sample at(std::size_t index) const override;

 private:
  const Dataset& images_;
  std::size_t input_;  // of the model's
  IoParams meaning_;
  int zero_pixel_;
};

struct PixelInput {
  std::string name;
  std::size_t index = 0;  // among the model's inputs
  IoParams meaning;       // of a pixel, to the caller
  int zero_pixel = 0;
  Decided decided;  // with the normalization folded into it
};

struct PixelChoice {
  std::optional<PixelInput> folded;
  std::string text;  // for reports; empty: the caller feeds no pixels
};

// Folds recipe.pixels into the prepared model where they are no codes of its input by themselves
// and fold_pixels() can. Else the normalization becomes nodes (rewrite/quantized_io.h), and the
// text says why.
PixelChoice choose_pixel_input(const Decided& decided, const QuantizeOptions& options);

// The recipe for a folded model: its pixels are codes of scale 1.
Recipe folded_recipe(const Recipe& recipe, const PixelInput& input);

}  // namespace octavo
