// One page that a person acts on.
#pragma once

#include <filesystem>
#include <string>

#include "octavo/export.h"

namespace octavo {

// The HTML page of a run folder, as `octavo quantize --run` leaves it: complete in itself, with no
// request to anywhere. Runs that failed or were interrupted make a page too. Throws
// Error(kNotFound) if the folder holds no run.json.
OCTAVO_API std::string make_report(const std::filesystem::path& run_folder);

}  // namespace octavo
