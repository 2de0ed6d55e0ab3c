# octavo_module(NAME SOURCES a.cpp ... [DEPENDS core ...] [LINKS pkg::target ...])
#   One folder of src/ as a static library `octavo_NAME`. DEPENDS names other modules (the layering
#   of docs/architecture.md is what these lines say); LINKS names third-party targets, private.
# octavo_tests(MODULE [DEPENDS other ...] [LINKS target ...] TESTS a_test b_test ...)
#   One executable a module; the names are .cpp files in the calling folder.

add_library(octavo_options INTERFACE)
target_compile_features(octavo_options INTERFACE cxx_std_20)
target_compile_options(octavo_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  # GCC 12 sees overlaps in std::string that are not there (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # One rounding per operation: the numeric contract forbids contracting a*b+c into one.
  -ffp-contract=off
  $<$<BOOL:${OCTAVO_WARNINGS_AS_ERRORS}>:-Werror>)
# What a build was made of names what it leaves behind: src/core/build_version.h.
target_link_options(octavo_options INTERFACE -Wl,--build-id=sha1)
target_include_directories(octavo_options INTERFACE
  "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")

function(octavo_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;LINKS")
  add_library(octavo_${name} STATIC ${arg_SOURCES})
  set_target_properties(octavo_${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    CXX_EXTENSIONS OFF)
  list(TRANSFORM arg_DEPENDS PREPEND octavo_)
  target_link_libraries(octavo_${name} PUBLIC octavo_options ${arg_DEPENDS} PRIVATE ${arg_LINKS})
  set_property(GLOBAL APPEND PROPERTY OCTAVO_MODULES octavo_${name})
endfunction()

function(octavo_tests module)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL" "TESTS;DEPENDS;LINKS")
  if(NOT arg_LABEL)
    set(arg_LABEL fast)
  endif()
  set(target octavo_${module}_${arg_LABEL}_tests)
  list(TRANSFORM arg_TESTS APPEND .cpp OUTPUT_VARIABLE sources)
  list(TRANSFORM arg_DEPENDS PREPEND octavo_)
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE
    octavo_${module} ${arg_DEPENDS} octavo_testing ${arg_LINKS} GTest::gtest_main)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  gtest_discover_tests(${target} TEST_PREFIX "${module}/" DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT 600)
  if(arg_LABEL STREQUAL fast)
    add_dependencies(octavo_fast_tests ${target})
  endif()
endfunction()
