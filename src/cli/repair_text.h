// What repairs did, as a person reads it.
#pragma once

#include <span>
#include <string>

#include "octavo/repair.h"

namespace octavo::cli {

// Every repair with its help, for --help.
std::string repair_help();

void print_repairs(std::span<const RepairOutcome> outcomes);

}  // namespace octavo::cli
