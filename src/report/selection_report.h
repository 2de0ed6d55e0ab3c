// Which samples `octavo select` chose and dropped, and how they look.
#pragma once

#include "octavo/dataset.h"
#include "octavo/select.h"
#include "report/json_value.h"

namespace octavo {

// selection.json. Of the picks those that stand for the most samples, each with a few of them; of
// other methods than cluster, the first picks and the first of what was dropped. Small pictures of
// all that is shown, as long as they take no more than kMostPictureBytes together: a page must stay
// small.
Json selection_json(const SampleSelection& selection, const SelectionOptions& options,
                    const Dataset& dataset);

inline constexpr std::size_t kMostPictureBytes = 60'000;

}  // namespace octavo
