# Third-party libraries as imported targets. Pitfalls and their causes are noted where they are avoided.
find_package(Threads REQUIRED)
if(NOGGIN_RUNTIME_ONLY)
  if(NOGGIN_BUILD_TESTS AND CMAKE_CROSSCOMPILING)
    # Debian's libgtest-dev has the library for the host, and sources for any other target.
    find_path(NOGGIN_GOOGLETEST_SOURCE googlemock/CMakeLists.txt PATHS /usr/src/googletest REQUIRED
      NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
    add_subdirectory(${NOGGIN_GOOGLETEST_SOURCE} ${CMAKE_BINARY_DIR}/googletest EXCLUDE_FROM_ALL SYSTEM)
  elseif(NOGGIN_BUILD_TESTS)
    find_package(GTest REQUIRED)
  endif()
  return()
endif()

find_package(GTest REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(Boost REQUIRED COMPONENTS program_options)
find_package(yaml-cpp REQUIRED)
find_package(simdjson REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
find_package(BZip2 REQUIRED)
find_package(LibLZMA REQUIRED)
find_library(NOGGIN_ZSTD zstd REQUIRED)
find_library(NOGGIN_UTF8PROC utf8proc REQUIRED)

add_library(noggin_hdf5 INTERFACE)
target_include_directories(noggin_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
target_link_libraries(noggin_hdf5 INTERFACE ${HDF5_C_LIBRARIES})

add_library(noggin_yaml INTERFACE)
target_link_libraries(noggin_yaml INTERFACE yaml-cpp)

if(NOT NOGGIN_WITH_TRAINER)
  return()
endif()

# The folder that setup.sh fills.
if(NOT NOGGIN_CACHE)
  if(DEFINED ENV{NOGGIN_CACHE})
    set(NOGGIN_CACHE $ENV{NOGGIN_CACHE})
  elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(NOGGIN_CACHE $ENV{XDG_CACHE_HOME}/noggin)
  else()
    set(NOGGIN_CACHE $ENV{HOME}/.cache/noggin)
  endif()
endif()

# LibTorch: a small imported target, because find_package(Torch) requires the CUDA toolkit. If NOGGIN_TORCH_ROOT names a
# LibTorch (a folder with include/ and lib/), it is used instead of the cached wheel.
set(NOGGIN_TORCH_ROOT "${NOGGIN_CACHE}/libtorch-2.11.0/torch" CACHE PATH "LibTorch 2.11.0: a folder with include/ and lib/")
if(NOT EXISTS ${NOGGIN_TORCH_ROOT}/lib/libtorch_cpu.so)
  message(FATAL_ERROR "LibTorch is not in ${NOGGIN_TORCH_ROOT}.\n"
    "Fix: run  bash configs/build/setup.sh  or name a LibTorch 2.11.0 with -DNOGGIN_TORCH_ROOT=FOLDER")
endif()
add_library(noggin_torch INTERFACE)
target_include_directories(noggin_torch SYSTEM INTERFACE
  ${NOGGIN_TORCH_ROOT}/include ${NOGGIN_TORCH_ROOT}/include/torch/csrc/api/include)
# torch's include folder has its own fmt, newer than the system's library: use it header-only where torch is included.
target_compile_definitions(noggin_torch INTERFACE FMT_HEADER_ONLY=1)
target_link_libraries(noggin_torch INTERFACE
  -Wl,--no-as-needed ${NOGGIN_TORCH_ROOT}/lib/libtorch_cpu.so ${NOGGIN_TORCH_ROOT}/lib/libc10.so -Wl,--as-needed
  -Wl,-rpath,${NOGGIN_TORCH_ROOT}/lib Threads::Threads)

# libonnx must never share a translation unit with torch's headers: those bring another protobuf.
find_package(Protobuf REQUIRED)
find_library(NOGGIN_ONNX_LIBRARY onnx REQUIRED)
find_library(NOGGIN_ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
add_library(noggin_onnx_library INTERFACE)
target_compile_definitions(noggin_onnx_library INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)
target_link_libraries(noggin_onnx_library INTERFACE
  ${NOGGIN_ONNX_LIBRARY} ${NOGGIN_ONNX_PROTO_LIBRARY} protobuf::libprotobuf)

# `verify` loads ONNX Runtime as an oracle if it exists; this is the default place to look.
file(GLOB onnxruntimes ${NOGGIN_CACHE}/onnxruntime-*/onnxruntime/capi/libonnxruntime.so.*)
list(SORT onnxruntimes COMPARE NATURAL)
list(POP_BACK onnxruntimes NOGGIN_ONNXRUNTIME_DEFAULT)  # the newest, or empty
