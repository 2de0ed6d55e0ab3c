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

# octavo_embed_files(OUTPUT FILES...): a C++ source that holds each file's text, for
# octavo::embedded_file() to give back by name. In parts, as compilers limit a literal's length: some
# to 16 kB, and to 64 kB what literals side by side add up to. Runs at configure time; a changed
# file reconfigures.
function(octavo_embed_files output)
  set(part_length 15000)
  set(entries "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    get_filename_component(name "${file}" NAME)
    file(READ "${file}" text)
    string(LENGTH "${text}" length)
    set(start 0)
    while(start LESS length)
      string(SUBSTRING "${text}" ${start} ${part_length} part)
      string(APPEND entries "    {\"${name}\", R\"part(${part})part\"},\n")
      math(EXPR start "${start} + ${part_length}")
    endwhile()
  endforeach()
  file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT [[
// Made by CMake from the report's template and the chart library.
#include "report/page.h"

namespace octavo {
namespace {

struct Part {
  const char* file;
  const char* text;
};

constexpr Part kParts[] = {
@entries@};

}  // namespace

std::string embedded_file(std::string_view name) {
  std::string text;
  for (const Part& part : kParts) {
    if (part.file == name) text += part.text;
  }
  return text;
}

}  // namespace octavo
]])
endfunction()
