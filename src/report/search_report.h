// What the search for an accuracy budget tried.
#pragma once

#include "octavo/quantize.h"
#include "report/json_value.h"

namespace octavo {

// search.json.
Json search_json(const BudgetOutcome& budget);

}  // namespace octavo
