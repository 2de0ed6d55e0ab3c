# One shared library made of every module, the public headers, the program, and a CMake package.
# Only what the headers mark OCTAVO_API is exported; protobuf and the rest stay hidden inside.
get_property(modules GLOBAL PROPERTY OCTAVO_MODULES)
add_library(octavo_shared SHARED)
foreach(module IN LISTS modules)
  target_sources(octavo_shared PRIVATE $<TARGET_OBJECTS:${module}>)
endforeach()
target_link_libraries(octavo_shared PRIVATE ${modules})
set_target_properties(octavo_shared PROPERTIES
  OUTPUT_NAME octavo EXPORT_NAME octavo VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_compile_features(octavo_shared PUBLIC cxx_std_20)
target_include_directories(octavo_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_options(octavo_shared PRIVATE "LINKER:--exclude-libs,libprotobuf.a" "LINKER:--no-undefined")

# The runtime's library travels with an installation whose runtime came from .deps/.
get_target_property(runtime_library onnxruntime::onnxruntime IMPORTED_LOCATION)
if(runtime_library MATCHES "^${OCTAVO_DEPS_DIR}")
  get_filename_component(runtime_real "${runtime_library}" REALPATH)
  get_filename_component(runtime_name "${runtime_library}" NAME)
  install(FILES "${runtime_real}" DESTINATION ${CMAKE_INSTALL_LIBDIR} RENAME "${runtime_name}")
endif()

set_target_properties(octavo_shared PROPERTIES INSTALL_RPATH "$ORIGIN")
set_target_properties(octavo PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
install(TARGETS octavo RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS octavo_shared EXPORT octavoTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/octavo" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DOCDIR})
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/octavo")
install(EXPORT octavoTargets NAMESPACE octavo:: DESTINATION ${package_dir})
include(CMakePackageConfigHelpers)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/octavoConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/octavoConfig.cmake" CONTENT
  "include(\"\${CMAKE_CURRENT_LIST_DIR}/octavoTargets.cmake\")\n")
install(FILES "${PROJECT_BINARY_DIR}/octavoConfig.cmake"
  "${PROJECT_BINARY_DIR}/octavoConfigVersion.cmake" DESTINATION ${package_dir})
