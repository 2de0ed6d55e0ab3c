// Every weight that is stored as codes: its channels' values before preparation and as quantized.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "octavo/model.h"
#include "octavo/tensor.h"
#include "pipeline/evidence.h"
#include "report/json_value.h"

namespace octavo {

// Smallest value, quartiles, largest value.
using FiveNumbers = std::array<float, 5>;

// More channels than this would be a picture of nothing; see weights_json().
inline constexpr std::size_t kShownChannels = 48;

// Of each slice along `axis`; of the whole without one. `weight` is float32.
std::vector<FiveNumbers> channel_summaries(const Tensor& weight, std::optional<int> axis);

// weights.json. Of more than kShownChannels channels, so many evenly spread over their order by
// width are kept, the narrowest and the widest among them. "boxes_before" is there where the node
// had another weight of the same shape, and "before" says before what: "repair" (it was equalized,
// say), or else "preparation" (something was folded into the one that `given`, the user's model,
// has).
Json weights_json(const Evidence& evidence, const Model& given);

}  // namespace octavo
