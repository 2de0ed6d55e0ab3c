// What repairs did, as a person reads it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "octavo/repair.h"

namespace octavo::cli {

// Every repair with its help, for --help, and the one that a verb applies unless told otherwise.
std::string repair_help(std::string_view unless_said_otherwise);

void print_repairs(std::span<const RepairOutcome> outcomes);

}  // namespace octavo::cli
