# Finds libtorch's C++ headers and libraries; defines libtorch::libtorch. Not torch's own CMake
# package: it demands a CUDA toolkit wherever the wheel was built with one, and links Python's part.
find_path(libtorch_INCLUDE_DIR torch/csrc/autograd/custom_function.h
  HINTS "${OCTAVO_DEPS_DIR}/torch/torch/include" PATH_SUFFIXES torch/include)
find_library(libtorch_cpu_LIBRARY torch_cpu HINTS "${libtorch_INCLUDE_DIR}/../lib")
find_library(libtorch_c10_LIBRARY c10 HINTS "${libtorch_INCLUDE_DIR}/../lib")
# Where the whole of libtorch is there, its part for GPUs: nothing names its symbols, so it must be
# linked by force to register itself.
find_library(libtorch_cuda_LIBRARY torch_cuda HINTS "${libtorch_INCLUDE_DIR}/../lib")
if(libtorch_INCLUDE_DIR)
  file(READ "${libtorch_INCLUDE_DIR}/torch/headeronly/version.h" _text)
  string(REGEX MATCH "TORCH_VERSION_MAJOR ([0-9]+)" _unused "${_text}")
  set(libtorch_VERSION "${CMAKE_MATCH_1}")
  string(REGEX MATCH "TORCH_VERSION_MINOR ([0-9]+)" _unused "${_text}")
  string(APPEND libtorch_VERSION ".${CMAKE_MATCH_1}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(libtorch
  REQUIRED_VARS libtorch_cpu_LIBRARY libtorch_c10_LIBRARY libtorch_INCLUDE_DIR
  VERSION_VAR libtorch_VERSION
  REASON_FAILURE_MESSAGE "scripts/setup --train fetches it into .deps/")
if(libtorch_FOUND AND NOT TARGET libtorch::libtorch)
  add_library(libtorch::libtorch INTERFACE IMPORTED)
  set_target_properties(libtorch::libtorch PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
    "${libtorch_INCLUDE_DIR};${libtorch_INCLUDE_DIR}/torch/csrc/api/include")
  target_link_libraries(libtorch::libtorch INTERFACE ${libtorch_cpu_LIBRARY} ${libtorch_c10_LIBRARY})
  if(libtorch_cuda_LIBRARY)
    target_link_libraries(libtorch::libtorch INTERFACE
      "-Wl,--push-state,--no-as-needed" ${libtorch_cuda_LIBRARY} "-Wl,--pop-state")
  endif()
endif()
