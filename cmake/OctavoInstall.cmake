# One library made of every module, the public headers, the program, and a CMake package. Static:
# Debian's libprotobuf.a is not position independent, and a shared protobuf would clash with the one
# inside other libraries of a user's program (libtorch has its own).
get_property(modules GLOBAL PROPERTY OCTAVO_MODULES)
add_library(octavo_library STATIC)
foreach(module IN LISTS modules)
  target_sources(octavo_library PRIVATE $<TARGET_OBJECTS:${module}>)
endforeach()
set_target_properties(octavo_library PROPERTIES OUTPUT_NAME octavo EXPORT_NAME octavo)
target_compile_features(octavo_library PUBLIC cxx_std_20)
target_include_directories(octavo_library INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# What the objects need at link time; header-only parts are compiled in already.
target_link_libraries(octavo_library PRIVATE
  Threads::Threads fmt::fmt hwy::hwy libjpeg-turbo::turbojpeg libzip::zip onnxruntime::onnxruntime
  protobuf::libprotobuf yaml-cpp)

# The runtime's library travels with an installation whose runtime came from .deps/.
get_target_property(runtime_library onnxruntime::onnxruntime IMPORTED_LOCATION)
if(runtime_library MATCHES "^${OCTAVO_DEPS_DIR}")
  get_filename_component(runtime_real "${runtime_library}" REALPATH)
  get_filename_component(runtime_name "${runtime_library}" NAME)
  install(FILES "${runtime_real}" DESTINATION ${CMAKE_INSTALL_LIBDIR} RENAME "${runtime_name}")
endif()

# So does OpenVINO, in a folder of its own: its libraries find each other beside themselves, and a
# threading library that comes with them must not lie in the way of a system's own.
set(openvino_libdir "${CMAKE_INSTALL_LIBDIR}/octavo")
if(OCTAVO_HAS_OPENVINO)
  target_link_libraries(octavo_library PRIVATE openvino::runtime)
  get_target_property(openvino_library openvino::runtime LOCATION)
  get_filename_component(openvino_soname "${openvino_library}" NAME)
  if(openvino_library MATCHES "^${OCTAVO_DEPS_DIR}")
    get_filename_component(openvino_libs "${openvino_library}" DIRECTORY)
    file(GLOB openvino_files "${openvino_libs}/libopenvino.so.*" "${openvino_libs}/libtbb.so.*"
         "${openvino_libs}/libopenvino_onnx_frontend.so.*"
         "${openvino_libs}/libopenvino_intel_cpu_plugin.so"
         "${openvino_libs}/libopenvino_arm_cpu_plugin.so")
    install(FILES ${openvino_files} DESTINATION ${openvino_libdir})
    file(GLOB openvino_licenses "${OCTAVO_DEPS_DIR}/openvino/openvino-*.dist-info/licenses")
    install(DIRECTORY ${openvino_licenses}/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/openvino)
  endif()
endif()

set_target_properties(octavo PROPERTIES
  INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};$ORIGIN/../${openvino_libdir}")

# octavo-train goes beside octavo, which looks for it there. Its libtorch travels with it where it came
# from .deps/ (450 MB, in a folder that only octavo-train looks into); another one is found where it
# was when this was built.
if(TARGET octavo-train)
  set(torch_libdir "${CMAKE_INSTALL_LIBDIR}/octavo/torch")
  get_filename_component(torch_libs "${libtorch_cpu_LIBRARY}" DIRECTORY)
  if(libtorch_cpu_LIBRARY MATCHES "^${OCTAVO_DEPS_DIR}")
    set_target_properties(octavo-train PROPERTIES INSTALL_RPATH "$ORIGIN/../${torch_libdir}")
    # libtorch looks beside itself for what it needs, the two small parts of CUDA too.
    file(GLOB torch_files "${torch_libs}/lib*.so*" "${torch_libs}/../../nvidia/*/lib/lib*.so*")
    foreach(torch_file IN LISTS torch_files)
      get_filename_component(torch_real "${torch_file}" REALPATH)
      get_filename_component(torch_name "${torch_file}" NAME)
      install(FILES "${torch_real}" DESTINATION ${torch_libdir} RENAME "${torch_name}")
    endforeach()
    file(GLOB torch_licenses "${OCTAVO_DEPS_DIR}/torch/torch-*.dist-info/licenses")
    install(DIRECTORY ${torch_licenses}/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/torch)
  else()
    set_target_properties(octavo-train PROPERTIES INSTALL_RPATH "${torch_libs}")
  endif()
  install(TARGETS octavo-train RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(TARGETS octavo RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS octavo_library EXPORT octavoTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/octavo" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DOCDIR})
# The chart library inside the reports asks for its licence to travel with it.
install(FILES "${echarts_LICENSE}" "${echarts_D3_LICENSE}" "${echarts_NOTICE}"
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/echarts)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/octavo")
install(EXPORT octavoTargets NAMESPACE octavo:: DESTINATION ${package_dir})
include(CMakePackageConfigHelpers)
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/octavoConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/octavoConfig.cmake"
  INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_LIBDIR openvino_libdir)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/octavoConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/octavoConfig.cmake"
  "${PROJECT_BINARY_DIR}/octavoConfigVersion.cmake" DESTINATION ${package_dir})
