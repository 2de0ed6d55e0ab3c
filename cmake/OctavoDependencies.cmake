# Every third-party package, found and never fetched here: scripts/setup installs what is missing.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
set(Protobuf_USE_STATIC_LIBS ON)  # libtorch exports protobuf symbols: ours stay private
find_package(Protobuf 3.21 REQUIRED)
find_package(fmt REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(libzip REQUIRED)
find_package(libjpeg-turbo REQUIRED)
find_package(thread_pool REQUIRED)
find_package(hwy REQUIRED)
find_package(CLI11 REQUIRED)
find_package(stb REQUIRED)
find_package(xxhash REQUIRED)
find_package(echarts 6 REQUIRED)

# A system-wide ONNX Runtime goes first, the one that scripts/setup unpacked comes second.
find_package(onnxruntime 1.31 CONFIG QUIET)
if(NOT onnxruntime_FOUND)
  find_package(onnxruntime 1.31 CONFIG REQUIRED HINTS "${OCTAVO_DEPS_DIR}")
endif()
if(OCTAVO_WITH_MPI)
  set(MPI_CXX_SKIP_MPICXX TRUE)  # its C interface is all that is used
  find_package(MPI REQUIRED COMPONENTS CXX)
endif()

# OpenVINO: a system-wide one goes first too, and Octavo does without it.
option(OCTAVO_WITH_OPENVINO "Build the OpenVINO runtime, if OpenVINO is found" ON)
set(OCTAVO_HAS_OPENVINO OFF)
if(OCTAVO_WITH_OPENVINO)
  find_package(OpenVINO 2026 CONFIG QUIET)
  if(NOT OpenVINO_FOUND)
    find_package(OpenVINO 2026 CONFIG QUIET HINTS "${OCTAVO_DEPS_DIR}/openvino/openvino/cmake")
  endif()
  if(OpenVINO_FOUND)
    set(OCTAVO_HAS_OPENVINO ON)
  else()
    message(STATUS "OpenVINO not found: building without it")
  endif()
endif()

# libtorch: only octavo-train needs it, and `scripts/setup --train` fetches it.
option(OCTAVO_WITH_TRAINER "Build octavo-train, if libtorch is found" ON)
set(OCTAVO_HAS_TRAINER OFF)
if(OCTAVO_WITH_TRAINER)
  find_package(libtorch 2.15 QUIET)
  set(OCTAVO_HAS_TRAINER ${libtorch_FOUND})
  if(NOT libtorch_FOUND)
    message(STATUS "libtorch not found: building without octavo-train (scripts/setup --train)")
  endif()
endif()

find_file(OCTAVO_ONNX_PROTO onnx/onnx-ml.proto HINTS "${OCTAVO_DEPS_DIR}/onnx" REQUIRED
          PATH_SUFFIXES include)

if(OCTAVO_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
if(OCTAVO_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
