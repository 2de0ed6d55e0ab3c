// The normalization of an image folded into the convolutions that read it, so that the network
// takes pixels less one whole number: codes of scale 1.
//
//   normalized = (pixel - mean_c) * factor_c       c: the channel
//
//   y = Conv(normalized, w, b)   =>   y = Conv(pixel - z, w', b')              without padding
//       w'  = w * factor_c
//       b'  = b - sum over window and channels of w' * (mean_c - z)
//
//   y = Conv(normalized, w, b)   =>   p = Pad(pixel - z)     one channel more, which is m
//   everywhere
//       pads=[1,1,1,1]                y = Conv(p, [w', v], b) {pads=[1,1,1,1]}
//       v   = -sum over channels of w' * (mean_c - z) / m
//
// A convolution pads with 0, which is the mean in a normalized image, and the pixel z in the other:
// the means differ from channel to channel and are no whole numbers. The channel of m is 0 in the
// padding too, so what it subtracts it subtracts only where there is an image. Both forms are
// exact.
#pragma once

#include <string>
#include <variant>

#include "octavo/model.h"
#include "octavo/recipe.h"

namespace octavo {

struct FoldedPixels {
  Model model;
  std::string input;
  int zero_pixel = 0;  // z: the input's numbers are pixels less this
  std::string text;    // what was folded into what, for reports
};

struct NotFoldable {
  std::string reason;
};

// `model` is prepared: its nodes have names. Refuses, with the reason, a model with several inputs
// of float32; an input that anything but convolutions reads, directly or behind a Transpose;
// weights that are no constants; padding and groups at once; a factor that is 0 or not finite.
std::variant<FoldedPixels, NotFoldable> fold_pixels(const Model& model,
                                                    const Normalization& normalization);

}  // namespace octavo
