// A run folder as one HTML page that needs nothing else.
#pragma once

#include <string>
#include <string_view>

#include "report/json_value.h"

namespace octavo {

// Everything that the page shows: one key a file of the folder that is there, and "problems", a
// list of texts on those that cannot be read. A folder of a run that failed or still runs serves
// too. Throws Error(kNotFound) if there is no run.json in it.
Json read_run(const std::filesystem::path& folder);

// The template with styles, scripts, the chart library and `run` inside.
std::string make_page(const Json& run);

// Files that are compiled in (src/report/template/ and the chart library), by name.
std::string embedded_file(std::string_view name);

}  // namespace octavo
