// Which Octavo this is, to the build.
#pragma once

#include <string>

namespace octavo {

// The version and the linker's build ID of the program or library that holds this code, a hash of
// all that it consists of: "0.1.0 build 3f2a...". Another compiler, another flag or another line of
// code makes another one; the same build twice does not. Without a build ID, the version alone.
std::string build_version();

}  // namespace octavo
