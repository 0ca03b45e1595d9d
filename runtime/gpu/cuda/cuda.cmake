# noggin_cuda: the GPU's program of runtime/gpu compiled by nvcc, and the code that drives a GPU. The CUDA runtime is
# linked in; the driver library is loaded on first use, so a binary with this backend starts on machines without a GPU.
include(CheckLanguage)
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(FATAL_ERROR "NOGGIN_WITH_CUDA is ON, but there is no nvcc.\n"
    "Fix: put nvcc on the PATH, set CUDACXX to it, or configure with -DNOGGIN_WITH_CUDA=OFF")
endif()
set(CMAKE_CUDA_ARCHITECTURES OFF)  # each target says its own; this stops the search for a default
enable_language(CUDA)
set(CMAKE_CUDA_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 12)
  message(FATAL_ERROR "nvcc ${CMAKE_CUDA_COMPILER_VERSION} does not know C++20.\nFix: use CUDA 12 or newer")
endif()
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 knows C++20 of no nvcc
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
find_package(CUDAToolkit REQUIRED GLOBAL)

# Machine code for each generation from Volta to Hopper, and PTX that the driver translates for later ones. One
# generation's code runs on its later members (8.0 on 8.6 and 8.9). CUDA 13 has dropped Volta.
set(architectures 75-real 80-real 90)
if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 13)
  list(PREPEND architectures 70-real)
endif()
set(NOGGIN_CUDA_ARCHITECTURES "${architectures}" CACHE STRING "GPUs to build for, as CMAKE_CUDA_ARCHITECTURES")

file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
add_library(noggin_cuda_launch OBJECT ${CMAKE_CURRENT_LIST_DIR}/launch.cu)
# Each float operation rounds once, subnormals are kept (spec/NUMERICS.md). nvcc's own defaults except for -fmad, stated
# so that CUDAFLAGS from outside cannot change them: the last one counts.
set(NOGGIN_CUDA_FLAGS --expt-relaxed-constexpr -fmad=false -ftz=false -prec-div=true -prec-sqrt=true)
# The same again as PTX, for the test that reads it.
add_library(noggin_cuda_ptx OBJECT EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/launch.cu)
set_target_properties(noggin_cuda_ptx PROPERTIES CUDA_PTX_COMPILATION ON CUDA_ARCHITECTURES 80-virtual)
set_target_properties(noggin_cuda_launch PROPERTIES CUDA_ARCHITECTURES "${NOGGIN_CUDA_ARCHITECTURES}")
foreach(target noggin_cuda_launch noggin_cuda_ptx)
  # The directory's options are g++'s. What nvcc passes on to it: all warnings but those of code that nvcc itself
  # writes.
  set_target_properties(${target} PROPERTIES
    COMPILE_OPTIONS "${NOGGIN_CUDA_FLAGS};-Xcompiler=-ffp-contract=off,-Wall,-Wextra,-Wshadow")
  if(NOGGIN_WERROR)
    target_compile_options(${target} PRIVATE --Werror=all-warnings -Xcompiler=-Werror)
  endif()
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/include)
endforeach()

add_library(noggin_cuda STATIC ${sources} $<TARGET_OBJECTS:noggin_cuda_launch>)
target_compile_options(noggin_cuda PRIVATE ${NOGGIN_RUNTIME_WARNINGS})
target_link_libraries(noggin_cuda PUBLIC noggin_gpu PRIVATE CUDA::cudart_static)
target_compile_definitions(noggin_cuda INTERFACE NOGGIN_HAS_CUDA)
