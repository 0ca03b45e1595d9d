# Options, and the flags that every target of the project is compiled with.
option(NOGGIN_RUNTIME_ONLY "Build only runtime/ (no dependencies but the standard library)" OFF)
option(NOGGIN_WITH_TRAINER "Build the parts that need LibTorch" ON)
option(NOGGIN_BUILD_TESTS "Build the tests" ON)
option(NOGGIN_WERROR "Treat warnings as errors" ON)
set(NOGGIN_SANITIZE "" CACHE STRING "Sanitizers for every target, e.g. address,undefined")
set(NOGGIN_BATCH 8 CACHE STRING "Sources of one folder compiled together at most; 1: each by itself")
set(NOGGIN_CACHE "" CACHE PATH "Folder that configs/build/setup.sh filled; empty: the script's own default")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

find_program(NOGGIN_CCACHE ccache)
if(NOGGIN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A fresh clone finds what another one compiled: paths count from the checkout, whatever folder it is in.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${NOGGIN_CCACHE})
endif()

# Contracting a*b+c would change results between machines (runtime/spec/NUMERICS.md), so it is off everywhere.
add_compile_options(-ffp-contract=off -fno-math-errno)
if(NOGGIN_SANITIZE)
  add_compile_options(-fsanitize=${NOGGIN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${NOGGIN_SANITIZE})
endif()
