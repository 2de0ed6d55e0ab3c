# octavo_embed_profiles(OUTPUT FILES...): a C++ source with each JSON file as a string, so that the
# binary needs no data folder. Runs at configure time; a changed profile reconfigures.
function(octavo_embed_profiles output)
  set(entries "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    get_filename_component(name "${file}" NAME_WE)
    file(READ "${file}" text)
    string(APPEND entries "      {\"${name}\", R\"profile(${text})profile\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT [[
// Made by CMake from profiles/*.json.
#include "placement/profile.h"

namespace octavo {

std::vector<ShippedProfile> shipped_profiles() {
  return {
@entries@  };
}

}  // namespace octavo
]])
endfunction()
