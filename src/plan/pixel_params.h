// Pixels as codes: where a normalization is nothing but a scale and a zero point.
#pragma once

#include <optional>

#include "model/io_params.h"
#include "octavo/quantization.h"
#include "octavo/recipe.h"

namespace octavo {

// Of the uint8 codes that are the pixels themselves. Nothing where the normalization differs from
// channel to channel, or no pixel stands for 0: a zero point must be whole.
std::optional<ScaleZeroPoint> pixel_params(const Normalization& normalization);

// What a pixel stands for, one entry or one a channel, as callers read it in the metadata.
IoParams pixel_meaning(const Normalization& normalization);

}  // namespace octavo
