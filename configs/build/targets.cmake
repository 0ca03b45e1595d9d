# How targets are made, so that each folder's CMakeLists.txt is a line or two.
set(NOGGIN_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND NOGGIN_WARNINGS -Wno-restrict)  # false for "x" + std::string: GCC bug 105651
  list(APPEND NOGGIN_WARNINGS -Wno-subobject-linkage)  # false in a batch (noggin_batches): it is for types in headers
endif()
if(NOGGIN_WERROR)
  list(APPEND NOGGIN_WARNINGS -Werror)
endif()

# noggin_batches(VARIABLE NAME SOURCES...): sets VARIABLE to files NAME_batch_N.cpp that include SOURCES, up to
# NOGGIN_BATCH of one folder in each: headers are read, and templates instantiated, once per batch. The files name no
# absolute path (CMake's own UNITY_BUILD does), so that a compiler cache finds them from any checkout. Sources with flags
# of their own stay single. With NOGGIN_BATCH=1 all do.
function(noggin_batches variable name)
  set(result "")
  set(batch "")
  set(count 0)
  set(number 0)
  set(folder "")
  macro(close_batch)
    if(count GREATER 0)
      set(file ${CMAKE_CURRENT_BINARY_DIR}/${name}_batch_${number}.cpp)
      file(CONFIGURE OUTPUT ${file} CONTENT "${batch}")
      list(APPEND result ${file})
      math(EXPR number "${number} + 1")
      set(batch "")
      set(count 0)
    endif()
  endmacro()
  foreach(source IN LISTS ARGN)
    get_source_file_property(options ${source} COMPILE_OPTIONS)
    get_source_file_property(definitions ${source} COMPILE_DEFINITIONS)
    if(options OR definitions OR NOGGIN_BATCH LESS 2)
      list(APPEND result ${source})
      continue()
    endif()
    cmake_path(GET source PARENT_PATH own_folder)
    if(NOT own_folder STREQUAL folder OR count GREATER_EQUAL NOGGIN_BATCH)
      close_batch()
      set(folder ${own_folder})
    endif()
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE relative)
    string(APPEND batch "#include \"${relative}\"\n")
    math(EXPR count "${count} + 1")
  endforeach()
  close_batch()
  set(${variable} ${result} PARENT_SCOPE)
endfunction()

# noggin_library(NAME [SOURCES file...] [DEPENDS target...] [PRIVATE_DEPENDS target...]): a static library of this
# folder's *.cpp, included from the project root ("data/rows/record.h").
function(noggin_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE_DEPENDS;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  noggin_batches(sources ${name} ${ARG_SOURCES})
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${NOGGIN_WARNINGS})
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE_DEPENDS})
endfunction()

# noggin_test_group(FOLDER [WHOLE] [TORCH] [EXCLUDE subfolder...] [DEPENDS target...] [LABELS label...] [DEFINITIONS d...]):
# one executable of the *_test.cpp below tests/FOLDER, its cases found by CTest; WHOLE: one CTest case for all of them,
# because their suites share a costly set-up. TORCH: they see LibTorch, and are batched, because reading its precompiled
# header costs more than most of them; a CTest case is a suite (discover_suites.cmake). What takes longest starts first,
# so that no processor waits for it at the end. Tests include support code as "tests/support/...".
function(noggin_test_group folder)
  cmake_parse_arguments(ARG "WHOLE;TORCH" "" "DEPENDS;LABELS;DEFINITIONS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*_test.cpp)
  foreach(excluded IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "/tests/${folder}/${excluded}/")
  endforeach()
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" name test_${folder})
  if(ARG_TORCH)
    noggin_batches(sources ${name} ${sources})
    set(precompiled REUSE_FROM noggin_model)
  elseif(TARGET test_runtime_bytes_objects)  # the first group makes the header of all others
    set(precompiled REUSE_FROM test_runtime_bytes_objects)
  else()
    set(precompiled PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
  endif()
  # Objects, not the executable's own sources: they are position-independent like the libraries, whose precompiled
  # header they share.
  add_library(${name}_objects OBJECT ${sources})
  target_include_directories(${name}_objects PRIVATE ${PROJECT_SOURCE_DIR})
  # Little optimization: tests are compiled more often than they run. With sanitizers none, which takes a third less.
  target_compile_options(${name}_objects PRIVATE ${NOGGIN_WARNINGS} $<$<CONFIG:Release>:-O1>)
  if(NOGGIN_SANITIZE)
    target_compile_options(${name}_objects PRIVATE -O0)
  endif()
  target_compile_definitions(${name}_objects PRIVATE NOGGIN_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    NOGGIN_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" ${ARG_DEFINITIONS})
  target_link_libraries(${name}_objects PRIVATE ${ARG_DEPENDS} GTest::gmock)
  target_precompile_headers(${name}_objects ${precompiled})
  add_executable(${name})
  target_link_libraries(${name} PRIVATE ${name}_objects ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
  if(ARG_WHOLE)
    add_test(NAME ${folder} COMMAND ${name})
    set_tests_properties(${folder} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 2400 COST 1000)
    return()
  endif()
  if(ARG_TORCH)
    set(found ${CMAKE_CURRENT_BINARY_DIR}/${name}_suites.cmake)
    add_custom_command(TARGET ${name} POST_BUILD BYPRODUCTS ${found} VERBATIM
      COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:${name}> -D PREFIX=${folder} -D "LABELS=${ARG_LABELS}"
        -D FILE=${found} -P ${PROJECT_SOURCE_DIR}/configs/build/discover_suites.cmake)
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}_include.cmake "include(\"${found}\" OPTIONAL)\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}_include.cmake)
    return()
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${folder}/" DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 300)
  # gtest_discover_tests takes one label: it would read the second as a property's name.
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake
    "foreach(test IN LISTS ${name}_TESTS)\n  set_tests_properties(\${test} PROPERTIES LABELS \"${ARG_LABELS}\")\nendforeach()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake)
endfunction()
include(GoogleTest)
